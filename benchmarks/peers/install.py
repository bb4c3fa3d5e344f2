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


def install_missing() -> None:
    """Make the environments that are not there, or are not what their requirements say now.

    Raises:
        CalledProcessError: pip failed, and has said why.
    """
    for peer in PEERS:
        if not _is_done(peer):
            print(f"Installing {peer} into an environment of its own …", flush=True)
            _install(peer)


def _install(peer: str) -> None:
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


if __name__ == "__main__":
    install_missing()
