"""A list in, every write and every finished fsync of SQLite in this process in that list out.

SQLite reaches files through the methods of its file system layer. Their table is changed in place, so that
each call is noted and then done; whatever happens between a statement of Python's sqlite3 and the disk goes
through here. It needs no privilege and no tool, only a libsqlite3 that the sqlite3 module loads as a library.

Source: sqlite.org/c3ref/vfs.html and sqlite.org/c3ref/io_methods.html for the layout of the two tables.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

Event = tuple[Any, ...]
"""``("write", file, place, bytes)``, ``("cut", file, length)``, ``("sync", file, begun)``: all events before
number ``begun`` are on the disk; ``("answer", number)``."""


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int), ("file_bytes", ctypes.c_int), ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p), ("name", ctypes.c_char_p), ("data", ctypes.c_void_p),
        ("open", ctypes.c_void_p),
    )  # fmt: skip


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", ctypes.c_int), ("close", ctypes.c_void_p), ("read", ctypes.c_void_p),
        ("write", ctypes.c_void_p), ("truncate", ctypes.c_void_p), ("sync", ctypes.c_void_p),
        ("others", ctypes.c_void_p * 13),
    )  # fmt: skip


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


_FILE = ctypes.POINTER(_File)
_OPEN = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(_Vfs), ctypes.c_void_p, _FILE, ctypes.c_int, ctypes.c_void_p
)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_int)

_kept: list[object] = []  # What SQLite calls must not be collected.


def library() -> ctypes.CDLL | None:
    """The SQLite that Python's sqlite3 uses; nothing where it is built into Python."""
    import _sqlite3

    place = getattr(_sqlite3, "__file__", None)
    loaded = ctypes.CDLL(place) if place else None
    return loaded if loaded is not None and hasattr(loaded, "sqlite3_vfs_find") else None


def trace(events: list[Event]) -> None:
    """Note what SQLite does to the files that it opens from now on, until the process ends."""
    sqlite = library()
    assert sqlite is not None, "the sqlite3 module was built with an SQLite inside"
    sqlite.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    sqlite.sqlite3_vfs_find.argtypes = (ctypes.c_char_p,)
    vfs = sqlite.sqlite3_vfs_find(None).contents
    real_open = _OPEN(vfs.open)

    def opened(this: Any, path: int | None, file: Any, flags: int, out: int) -> int:
        # The very pointer must go on: SQLite finds more behind and before the text (sqlite3_filename).
        answer = real_open(this, path, file, flags, out)
        if answer == 0 and path and file.contents.methods:
            name = Path(ctypes.string_at(path).decode()).name
            file.contents.methods = _noting(file.contents.methods.contents, name, events)
        return answer

    replacement = _OPEN(opened)
    _kept.append(replacement)
    vfs.open = ctypes.cast(replacement, ctypes.c_void_p).value


def _noting(real: _Methods, name: str, events: list[Event]) -> Any:
    """The methods of one file, with those that matter noted."""
    real_write, real_cut, real_sync = _WRITE(real.write), _TRUNCATE(real.truncate), _SYNC(real.sync)

    def write(file: Any, content: int, length: int, place: int) -> int:
        answer = real_write(file, content, length, place)
        events.append(("write", name, place, ctypes.string_at(content, length)))
        return answer

    def cut(file: Any, length: int) -> int:
        answer = real_cut(file, length)
        events.append(("cut", name, length))
        return answer

    def sync(file: Any, flags: int) -> int:
        begun = len(events)
        answer = real_sync(file, flags)
        if answer == 0:
            events.append(("sync", name, begun))
        return answer

    methods = _Methods.from_buffer_copy(real)
    replaced = (_WRITE(write), _TRUNCATE(cut), _SYNC(sync))
    methods.write, methods.truncate, methods.sync = (
        ctypes.cast(one, ctypes.c_void_p).value for one in replaced
    )
    _kept.extend((methods, *replaced))
    return ctypes.pointer(methods)
