"""Recordings and samples that all tests of training share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.engine.train import made


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of sets with the set `made`."""
    return made.write_records(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="session")
def samples_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four samples, one of each recording."""
    return made.write_samples(tmp_path_factory.mktemp("samples") / "samples.json", [made.sample(k) for k in range(4)])


@pytest.fixture(autouse=True)
def _one_thread():
    torch = pytest.importorskip("torch", reason="training needs the extra `torch`")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
