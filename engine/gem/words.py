"""Text to ids and back, as the checkpoint's own tokenizer files say.

The released checkpoints carry a SentencePiece model only, and were trained through the slow LlamaTokenizer of
transformers 4.37.2. Its two readings (`legacy` true and false) are rebuilt here on the SentencePiece library itself,
because later tokenizers drop or add space pieces beside `</s>` and beside the placeholder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from engine.gem.config import BadCheckpoint

SPACE = "\u2581"
SPECIAL = ("<unk>", "<s>", "</s>")
_SPECIAL = re.compile("(" + "|".join(re.escape(s) for s in SPECIAL) + ")")


class Words(Protocol):
    """A tokenizer; ids come without the token that begins a sequence."""

    begin: int
    end: int
    legacy: bool
    """Whether `</s>` inside a prompt is followed by a space piece."""

    def ids(self, text: str) -> list[int]:
        """Ids of a text; `</s>` in it is one token."""
        ...

    def spans(self, text: str) -> list[tuple[int, int, int]] | None:
        """(id, first character, character after) of a text; None where the tokenizer does not tell."""
        ...

    def text(self, ids: Sequence[int]) -> str:
        """The text of ids, tokens with a meaning of their own left out."""
        ...

    def piece(self, id: int) -> str:
        """How one token is written in its vocabulary; `<0x0A>` for a byte."""
        ...


class SentencePieceWords:
    """The slow LlamaTokenizer's reading of a SentencePiece model."""

    def __init__(self, path: Path, legacy: bool) -> None:
        from sentencepiece import SentencePieceProcessor

        model: Any = import_module("sentencepiece.sentencepiece_model_pb2").ModelProto()
        try:
            model.ParseFromString(path.read_bytes())
            if not legacy:
                model.normalizer_spec.add_dummy_prefix = False
            self._pieces: Any = SentencePieceProcessor(model_proto=model.SerializeToString())
        except Exception as error:  # protobuf and SentencePiece raise errors of several unrelated kinds
            raise BadCheckpoint(f"{path} is no SentencePiece model ({error}): fetch it again") from None
        self.legacy = legacy
        self.begin, self.end = int(self._pieces.bos_id()), int(self._pieces.eos_id())
        self._special = {s: int(self._pieces.piece_to_id(s)) for s in SPECIAL}
        self._unknown = len(self._pieces.encode(SPECIAL[0]))

    def ids(self, text: str) -> list[int]:
        text = text.encode("utf-8", "replace").decode()
        if not text:
            return []
        if not self.legacy:
            text = SPACE + text.replace(SPACE, " ")
        found: list[int] = []
        parts = [part for part in _SPECIAL.split(text) if part]
        if not self.legacy and len(parts) > 1 and parts[0] == SPACE:
            parts = parts[1:]
        for part in parts:
            found += [self._special[part]] if part in self._special else self._plain(part)
        return found

    def _plain(self, text: str) -> list[int]:
        if self.legacy or not text.startswith((SPACE, " ")):
            return list(self._pieces.encode(text))
        return list(self._pieces.encode(SPECIAL[0] + text))[self._unknown :]

    def spans(self, text: str) -> list[tuple[int, int, int]] | None:
        return None

    def text(self, ids: Sequence[int]) -> str:
        special = set(self._special.values())
        pieces = [self._pieces.id_to_piece(int(i)) for i in ids if int(i) not in special]
        if pieces and pieces[0].startswith(SPACE):
            pieces[0] = pieces[0][1:]
        return str(self._pieces.decode_pieces(pieces)) if pieces else ""

    def piece(self, id: int) -> str:
        return str(self._pieces.id_to_piece(id))


class JsonWords:
    """A tokenizer.json, read by the tokenizers library; what small models of ours carry."""

    legacy = False

    def __init__(self, path: Path, begin: int, end: int) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises plain Exception
            raise BadCheckpoint(f"{path} is no tokenizer file ({error}): fetch it again") from None
        self.begin, self.end = begin, end

    def ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def spans(self, text: str) -> list[tuple[int, int, int]] | None:
        read = self._tokenizer.encode(text, add_special_tokens=False)
        return [(i, first, after) for i, (first, after) in zip(read.ids, read.offsets, strict=True)]

    def text(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode([int(i) for i in ids], skip_special_tokens=True))

    def piece(self, id: int) -> str:
        return str(self._tokenizer.id_to_token(id) or "")


def read_words(folder: Path, begin: int = 1, end: int = 2) -> Words:
    """The tokenizer of a checkpoint's folder: tokenizer.json where there is one, else tokenizer.model.

    begin, end: ids for a tokenizer.json, which does not tell them. Raises BadCheckpoint.
    """
    if (folder / "tokenizer.json").is_file():
        return JsonWords(folder / "tokenizer.json", begin, end)
    if not (folder / "tokenizer.model").is_file():
        raise BadCheckpoint(f"{folder} has neither tokenizer.json nor tokenizer.model: fetch the checkpoint again")
    settings = folder / "tokenizer_config.json"
    try:
        told = json.loads(settings.read_text()) if settings.is_file() else {}
        legacy = bool(told.get("legacy", True))
    except (ValueError, AttributeError) as error:
        raise BadCheckpoint(f"{settings} is not JSON ({error}): fetch it again") from None
    return SentencePieceWords(folder / "tokenizer.model", legacy)
