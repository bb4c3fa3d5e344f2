"""A file and ``FACEWARD_…`` variables in, one frozen value out; nothing else reads the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from faceward.catalogue.bundles import DEFAULT
from faceward.errors import InvalidValue

_PREFIX = "FACEWARD_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may set. Every default is the safe one.

    Attributes:
        runtime: What runs the networks: ``openvino``, or ``onnxruntime`` with the extra.
        device: Where they run. A device that is missing is an error, never another device.
        precision: Arithmetic of the networks: ``auto`` takes what the device computes natively,
            ``f32`` and ``bf16`` insist.
        threads: Threads for one run of a network, at least 1.
        streams: Runs of a network that may be under way at once; 0 means one for each core.
        detector: Catalogue entry that finds faces.
        embedder: Catalogue entry that makes templates.
        models_dir: Folder of the models that were added; empty means the user's data folder.
        cache_dir: Private folder of prepared graphs; empty means the user's cache folder.
        state_dir: Private folder of the ledger and of keys; empty means the user's state folder.
        ledger_origin: Name of the ledger, unlike any other's; empty makes one up at first use. It never
            changes.
        database: Name of a PostgreSQL database as a URL, for the ledger; empty means SQLite in the state
            folder. It holds no password, which stands in a file of its own.
        host: Address that the server listens on. Anything but this machine's own needs a certificate, or
            proxies.
        port: Port that the server listens on; 0 lets the system choose.
        tls_certificate: File with the server's certificate and its chain, PEM; empty means no TLS.
        tls_key: Private file with its key, PEM.
        proxies: Addresses of the proxies in front of the server that do TLS for it, with commas between;
            empty means that there is none.
        body_bytes: Largest body of a request, bytes.
        body_seconds: Seconds in which a body must have arrived.
        requests_per_minute: Requests a minute of one key; more are told to come back.
        waiting_requests: Requests that may wait for a thread; more are told to come back.
        max_bytes: Largest encoded image, bytes.
        max_pixels: Largest image, pixels.
        max_frames: Most frames or pages of one file.
        eval: Folder of an evaluation pack, for `make eval`; empty means that there is none.
    """

    runtime: str = "openvino"
    device: str = "cpu"
    precision: str = "auto"
    threads: int = 1
    streams: int = 0
    detector: str = DEFAULT.detector
    embedder: str = DEFAULT.embedder
    models_dir: str = ""
    cache_dir: str = ""
    state_dir: str = ""
    ledger_origin: str = ""
    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8420
    tls_certificate: str = ""
    tls_key: str = ""
    proxies: str = ""
    body_bytes: int = 32 * 1024 * 1024
    body_seconds: int = 30
    requests_per_minute: int = 6000
    waiting_requests: int = 64
    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 64_000_000
    max_frames: int = 256
    eval: str = ""

    def __post_init__(self) -> None:
        _check_database(self.database)
        for name, allowed in (
            ("runtime", ("openvino", "onnxruntime")),
            ("precision", ("auto", "f32", "bf16")),
        ):
            if getattr(self, name) not in allowed:
                raise InvalidValue(
                    f"Setting {name} is {getattr(self, name)!r}.", remedy=f"Use one of {', '.join(allowed)}."
                )
        for name, least in (
            ("threads", 1), ("streams", 0), ("max_bytes", 1), ("max_pixels", 1), ("max_frames", 1),
            ("port", 0), ("body_bytes", 1024), ("body_seconds", 1), ("requests_per_minute", 1),
            ("waiting_requests", 0),
        ):  # fmt: skip
            if getattr(self, name) < least:
                raise InvalidValue(
                    f"Setting {name} is {getattr(self, name)}.", remedy=f"Use {least} or more."
                )

    @property
    def models_folder(self) -> Path:
        """Where added models lie."""
        return _folder("models_dir", self.models_dir, "XDG_DATA_HOME", ".local/share", "models")

    @property
    def cache_folder(self) -> Path:
        """Where prepared graphs lie."""
        return _folder("cache_dir", self.cache_dir, "XDG_CACHE_HOME", ".cache", "")

    @property
    def state_folder(self) -> Path:
        """Where the ledger and the keys lie."""
        return _folder("state_dir", self.state_dir, "XDG_STATE_HOME", ".local/state", "")


def _check_database(url: str) -> None:
    """See that a URL of a database is one and holds no secret; what is wrong with it is not shown."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        named = set(parse_qs(parts.query, keep_blank_values=True))
        secret = parts.password is not None or bool(named & {"password", "sslpassword"})
    except ValueError:
        parts, secret = urlsplit(""), False
    if secret or "@" in parts.netloc.rpartition("@")[0]:
        raise InvalidValue(
            "Setting database holds a password.",
            remedy="Leave it out, and name a file that holds it: postgresql://…?passfile=/run/secrets/pgpass.",
        )
    if parts.scheme not in {"postgresql", "postgres"}:
        raise InvalidValue(
            "Setting database is no URL of PostgreSQL.", remedy="Write postgresql://account@host/database."
        )


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file that ``FACEWARD_CONFIG`` names, if any, and then the variables, which win.

    Raises:
        InvalidValue: A key is unknown, a value has the wrong type, or the file cannot be read.
    """
    environment = os.environ if environment is None else environment
    given: dict[str, object] = {}
    variables = {name: value for name, value in environment.items() if name.startswith(_PREFIX)}
    config = variables.pop(_PREFIX + "CONFIG", "")
    if config:
        given.update(_file(Path(config)))
    given.update({name.removeprefix(_PREFIX).lower(): value for name, value in variables.items()})
    kinds = {field.name: type(field.default) for field in fields(Settings)}
    unknown = sorted(set(given) - set(kinds))
    if unknown:
        raise InvalidValue(
            f"Unknown setting: {', '.join(unknown)}.", remedy=f"The settings are {', '.join(kinds)}."
        )
    return Settings(**{name: _as(kinds[name], name, value) for name, value in given.items()})


def _file(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidValue(
            f"The settings file {path} cannot be read: {error}.",
            remedy="Correct it, or unset FACEWARD_CONFIG.",
        ) from None


def _as(kind: type, name: str, value: object) -> Any:
    if type(value) is kind:
        return value
    if kind is int and isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    raise InvalidValue(
        f"Setting {name} is {'no text' if name == 'database' else repr(value)}.",
        remedy=f"Give {'a whole number' if kind is int else 'text'}.",
    )


def _folder(setting: str, chosen: str, variable: str, below_home: str, part: str) -> Path:
    """The folder that was set, or else the user's.

    Source: XDG Base Directory Specification 0.8, which says to ignore paths that are not absolute.
    """
    base = os.environ.get(variable, "")
    try:
        if chosen:
            return Path(chosen).expanduser()
        return (Path(base) if Path(base).is_absolute() else Path.home() / below_home) / "faceward" / part
    except RuntimeError:  # a container may run under a number that no account has
        raise InvalidValue(
            f"Setting {setting} is {chosen!r}, and this account has no home folder.",
            remedy=f"Set {_PREFIX}{setting.upper()} to a folder of your own.",
        ) from None
