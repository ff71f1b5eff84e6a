"""What all tests share: a compiled cache of their own, recordings, and the two real services."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import local_postgres
from infra.cache import cache_dir
from infra.datasets import folder_of
from infra.plan import BadRequest
from infra.settings import Settings
from tests.compiling import await_compiled, await_compiled_before_compiling, begin_compiling, compile_all

# tests look at text by the model that ships where they say so; elsewhere the criteria answer, and no model is opened
os.environ["VIGIL_MODEL"] = "none"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the signal path before the clock of any test runs that needs it."""
    if session.config.option.collectonly:
        return
    if "PYTEST_XDIST_WORKER" in os.environ:
        await_compiled_before_compiling()
    elif session.config.getoption("numprocesses", None):
        begin_compiling()
    else:
        compile_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs no compiled code runs while that is made; the rest stays as it is."""
    items.sort(key=lambda item: item.get_closest_marker("uncompiled") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Processes that a test starts find the signal path compiled."""
    if item.get_closest_marker("broker"):
        await_compiled()


@pytest.fixture(scope="session")
def mitdb() -> Path:
    """The folder of the MIT-BIH Arrhythmia Database."""
    return _folder("mitdb")


@pytest.fixture(scope="session")
def ptbxl() -> Path:
    """The folder of PTB-XL."""
    return _folder("ptbxl")


@pytest.fixture(scope="session")
def ludb() -> Path:
    """The folder of the Lobachevsky University Database."""
    return _folder("ludb")


@pytest.fixture(scope="session")
def gem_golden() -> Path:
    """The folder of the tensors that the published code of GEM gave."""
    return _folder("gem-golden")


def _folder(name: str) -> Path:
    """A folder of the data; CI fails where it is missing, others skip."""
    settings = Settings.from_environment()
    try:
        if settings.data is None:
            raise BadRequest("no folder of recordings: set VIGIL_DATA")
        return folder_of(name, settings.data, cache_dir(settings.cache))
    except BadRequest as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs the recordings: {error}")
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a very small checkpoint in the released layout, with several shards."""
    from tests.unit.engine.tiny import write_tiny

    return write_tiny(tmp_path_factory.mktemp("tiny"), shard_bytes=200_000).folder


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder of which nothing stays anywhere."""
    yield tmp_path
    local_postgres.remove(tmp_path)


@pytest.fixture(scope="session")
def services() -> Iterator[object]:
    """A real Kafka and a real PostgreSQL with topics and tables, for the whole session."""
    from infra.services import open_services

    with tempfile.TemporaryDirectory(prefix="vigil-test-", ignore_cleanup_errors=True) as folder:
        settings = Settings.from_environment({"VIGIL_CACHE": os.environ.get("VIGIL_CACHE", "")})
        opened = open_services(settings, Path(folder), "test", lambda _: None, temporary=True)
        yield opened.addresses
        opened.close()
