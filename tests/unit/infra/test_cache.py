"""What is fetched once, by one process at a time."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.cache import cache_dir, kafka_jars, locked

FETCH = """
import sys
from pathlib import Path
from infra.cache import kafka_jars
told = lambda text: print(text, flush=True)
told(len(kafka_jars(Path(sys.argv[1]), "", told)))
"""


def test_jars_that_another_process_fetches_are_awaited_and_not_fetched_again(tmp_path: Path) -> None:
    jars = kafka_jars(cache_dir(os.environ.get("VIGIL_CACHE", "")), "", lambda _: None)
    (tmp_path / "jars").mkdir()
    first, *others = jars
    for jar in others:
        (tmp_path / "jars" / jar.name).symlink_to(jar)
    with (tmp_path / "jars.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen([sys.executable, "-c", FETCH, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "another Vigil is fetching Apache Kafka: waiting for it\n"
        shutil.copy(first, tmp_path / "jars" / first.name)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, f"{len(locked())}\n")
    assert not (tmp_path / "jgo").exists()
