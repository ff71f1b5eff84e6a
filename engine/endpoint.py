"""Any OpenAI-compatible endpoint, asked for one text at a time: growing pauses between tries, the key from the environment only."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers that may be another at the next try."""
SILENT = 5
"""Questions in a row that an endpoint may leave unanswered before whoever asks gives it up."""


class EndpointAway(RuntimeError):
    """The endpoint gives no answer; one sentence that says what was tried."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint and how patiently it is asked."""

    url: str
    """Up to and without `/chat/completions`."""
    model: str
    timeout_s: float = 120.0
    tries: int = 4
    pause_s: float = 1.0
    """Before the second try; doubled for each further one."""
    key: str = ""
    """Name of the environment variable that holds the key; left out where it is not set."""

    def ask(self, messages: Sequence[Mapping[str, str]], **options: Any) -> str:
        """What it answers to these messages. options: further fields of the request. Raises EndpointAway."""
        body = {"model": self.model, "messages": list(messages), **options}
        said = self._post(json.dumps(body).encode())
        try:
            return str(said["choices"][0]["message"]["content"])
        except (KeyError, IndexError, TypeError):
            raise EndpointAway(f"{self.url} answers in another form than chat/completions: {str(said)[:120]}") from None

    def _post(self, body: bytes) -> Any:
        why, pause = "", self.pause_s
        for attempt in range(self.tries):
            if attempt:
                time.sleep(pause)
                pause *= 2
            try:
                with urllib.request.urlopen(self._request(body), timeout=self.timeout_s) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                why = f"it says {error.code} {error.reason}"
                if error.code not in AGAIN:
                    break
            except (OSError, ValueError) as error:
                why = " ".join(str(getattr(error, "reason", error)).split())
        raise EndpointAway(f"{self.url} does not answer: {why}")

    def _request(self, body: bytes) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"}
        if self.key and (secret := os.environ.get(self.key)):
            headers["Authorization"] = f"Bearer {secret}"
        return urllib.request.Request(f"{self.url.rstrip('/')}/chat/completions", body, headers)
