"""Pinned requirements in, an environment for each peer out: ``python -m benchmarks.peers.install``."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

_HERE = Path(__file__).parent
_ENVIRONMENTS = _HERE.parent / ".peers"
PEERS = ("verifyface", "face_recognition")


def interpreter(peer: str) -> Path:
    """The Python of a peer's environment, installed or not."""
    return _ENVIRONMENTS / peer / "bin" / "python"


def missing() -> tuple[str, ...]:
    """The peers whose environments are not as their requirements say."""
    return tuple(peer for peer in PEERS if not _is_done(peer))


def install(peer: str) -> None:
    """Make the environment of a peer anew.

    Raises:
        CalledProcessError: pip failed, and has said why.
    """
    venv.create(_ENVIRONMENTS / peer, clear=True, with_pip=True)
    command = [interpreter(peer), "-m", "pip", "install", "--no-deps", "-r", _HERE / f"{peer}.txt"]
    subprocess.run([*map(str, command), "--quiet", "--disable-pip-version-check"], check=True)
    _done(peer).write_text(_wanted(peer))


def _is_done(peer: str) -> bool:
    return _done(peer).exists() and _done(peer).read_text() == _wanted(peer)


def _done(peer: str) -> Path:
    """A copy of the requirements that were installed, written last."""
    return _ENVIRONMENTS / peer / "installed.txt"


def _wanted(peer: str) -> str:
    return (_HERE / f"{peer}.txt").read_text()


def main() -> None:
    """Install what is missing."""
    for peer in missing():
        print(f"Installing {peer} into an environment of its own …", flush=True)
        install(peer)


if __name__ == "__main__":
    main()
