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
    heavy = re.compile(r"^(torch|transformers|accelerate|tensorrt|tensorrt-rtx|triton|nvidia-[a-z0-9-]+)==", re.M)
    assert not heavy.search((ROOT / "requirements.lock").read_text())
    assert heavy.search((ROOT / "requirements-test.lock").read_text())


def test_no_lock_file_needs_an_index_of_its_own() -> None:
    for name in ("requirements.lock", "requirements-test.lock"):
        assert not re.search(r"^tensorrt(-cu1\d.*)?==", (ROOT / name).read_text(), re.M)


def test_make_help_lists_every_target() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("help", "setup", "up", "test", "test-quick", "check", "accept", "bench"):
        assert f"make {target}" in told


def test_the_documented_alarms_and_limits_are_those_of_the_code() -> None:
    from engine.interpretation import Advised
    from stream.catalogue import Code
    from stream.limits import ADULT, NEONATE, PAEDIATRIC, RANGES

    text = (ROOT / "docs/alarms.md").read_text()
    for advised in Advised:
        assert f"| `{advised}` | information; in shadow by default |" in text
        assert f'"{advised.lower()}": ...' in text
    for code in Code:
        assert code is Code.REQUESTED or f"`{code}`" in text
    for name, (low, high) in RANGES.items():
        defaults = " | ".join(f"{getattr(limits, name):g}" for limits in (ADULT, PAEDIATRIC, NEONATE))
        assert f"| `{name}` | {defaults} | {low:g} to {high:g} |" in text
    sent = set(re.findall(r'Notice\(\s*"([A-Z_]+)"|_say\("([A-Z_]+)"|_notice\(\s*"([A-Z_]+)"', _sources()))
    for names in sent:
        assert f"`{''.join(names)}`" in text


def _sources() -> str:
    return "\n".join(p.read_text() for p in tracked() if p.suffix == ".py" and "tests" not in p.parts)


def test_every_file_that_the_readme_names_is_there() -> None:
    for name in re.findall(r"`(docs/[^`]*)`", (ROOT / "README.md").read_text()):
        assert (ROOT / name).exists(), name


def test_every_metric_is_documented_and_every_documented_one_exists() -> None:
    made = set(re.findall(r'"(vigil_[a-z_]+)", "', re.sub(r"\(\n\s*", "(", _sources())))
    told = set(re.findall(r"`(vigil_[a-z_]+)`", (ROOT / "docs/metrics.md").read_text()))
    assert made == told
