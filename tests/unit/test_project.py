"""The project itself: names, lock files, and that it speaks of nothing but Vigil."""

import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["ingest", "stream", "engine", "storage", "alerts", "infra"])
def test_a_folder_is_ours_alone(name: str) -> None:
    assert set(packages_distributions()[name]) == {"vigil"}


def test_checksums_of_kafka_are_fast() -> None:
    import crc32c

    assert crc32c.crc32c(b"123456789") == 0xE3069283


def tracked() -> list[Path]:
    told = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in told.split() if (ROOT / name).exists()]


def test_no_path_of_a_machine_and_no_registry_stands_in_the_repository() -> None:
    wrong = re.compile("/" + r"(?:work|root)/|pypi\." + r"org|files\.python" + "hosted")
    found = [str(p) for p in tracked() if p.suffix not in (".png",) and wrong.search(p.read_text(errors="replace"))]
    assert found == []


def test_functions_and_files_keep_their_budgets() -> None:
    import ast

    for path in tracked():
        if path.suffix != ".py" or "tests" in path.parts or "migrations" in path.parts:
            continue
        text = path.read_text()
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno - node.lineno < 60, (path, node.name)


def test_the_base_install_has_no_torch() -> None:
    assert not re.search(r"^(torch|tensorrt)==", (ROOT / "requirements.lock").read_text(), re.M)


def test_make_help_lists_every_target() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("help", "setup", "up", "test", "test-quick", "check", "accept", "bench"):
        assert f"make {target}" in told
