"""A charter in, typed and checked out: what one installation promises, and whose signatures count.

The digest of the charter in force stands in every record, so whoever has the charter can see which promise a
decision was taken under.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from faceward.errors import InvalidValue
from faceward.governance.documents.statements import day_and_second
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency import canonical

VERSION = 1
REMEDY = "Correct the charter; docs/reference/charter.md describes every key."

_ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)*", re.ASCII)
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST_KEYS = 64


class Stand(StrEnum):
    """The positions that ship with faceward; docs/explanation/governance.md says what each refuses."""

    MICROSOFT_2020 = "microsoft-2020"
    AMAZON_2020 = "amazon-2020"
    AMAZON_2021 = "amazon-2021"
    IBM_2020 = "ibm-2020"
    NO_GOVERNMENT = "no-government"
    NO_MASS_SURVEILLANCE = "no-mass-surveillance"


class Role(StrEnum):
    """What a key may sign."""

    OPERATOR = "operator"  # applies, opens trials, suspends, strengthens the charter
    REVIEWER = "reviewer"  # approves and refuses deployments, reviews organisations
    AUDITOR = "auditor"  # signs audit records
    TESTER = "tester"  # tests models independently; signs nothing here
    JURIST = "jurist"  # reviews laws and decides on challenges of them; an outsider


GOVERNING = frozenset({Role.OPERATOR, Role.REVIEWER})
"""The roles whose holders may change the charter. Our choice: auditors, testers and jurists are outsiders."""


@dataclass(frozen=True, slots=True)
class Keyholder:
    """One key of one person.

    Attributes:
        public: The public key, Ed25519, 64 hexadecimal digits.
        account: Whose key it is.
        roles: What it may sign.
        minted_by: Account that made the key and may therefore have it too; empty where its holder made it.
        until: From when it may sign nothing more; what it signed before still counts. ``None``: no end.
    """

    public: str
    account: str
    roles: frozenset[Role]
    minted_by: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnPack:
    """A pack of the installation's own rules, which can only forbid.

    Attributes:
        name: Name of its file, without the ending.
        sha256: Digest of the file.
    """

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Charter:
    """What an installation promises.

    Attributes:
        origin: Name of the installation and of its ledger; it never changes.
        stands: The active stands, in order.
        packs: Its own packs, in order of name.
        keys: Whose signatures count, in order of account and key.
        predecessor: Digest of the charter before; empty in the first.
    """

    origin: str
    stands: tuple[Stand, ...]
    packs: tuple[OwnPack, ...]
    keys: tuple[Keyholder, ...]
    predecessor: str

    @property
    def digest(self) -> str:
        """SHA-256 of its canonical JSON, hexadecimal."""
        return hashlib.sha256(canonical.encoded(as_json(self))).hexdigest()

    def keyholder(self, public: str) -> Keyholder | None:
        """Whose key this is; nothing where it is not on the list."""
        return next((it for it in self.keys if it.public == public), None)

    def people(self) -> Mapping[str, str]:
        """For each account the person behind it, see `persons`."""
        return persons(self.keys)

    def people_with(self, *roles: Role) -> frozenset[str]:
        """The persons that hold one of these roles with any of their keys, in time or not."""
        people = self.people()
        return frozenset(people[it.account] for it in self.keys if it.roles & set(roles))


def persons(keys: Iterable[Keyholder]) -> Mapping[str, str]:
    """Say which accounts are one person: those between which a key was made, over any number of steps.

    Who makes a key for somebody else can keep a copy, so whatever is signed with it may be theirs.

    Returns:
        For each account, and for each that made a key, a name that all accounts of one person share.
    """
    leader: dict[str, str] = {}

    def find(account: str) -> str:
        leader.setdefault(account, account)
        while leader[account] != account:
            account = leader[account]
        return account

    for key in keys:
        mine, maker = find(key.account), find(key.minted_by or key.account)
        first, second = sorted((mine, maker))
        leader[second] = first
    return {account: find(account) for account in leader}


def first(origin: str, founder: Keyholder) -> Charter:
    """The charter of a new installation: the default stand, and one person."""
    return Charter(origin, (Stand.MICROSOFT_2020,), (), (founder,), "")


def successor(charter: Charter) -> Charter:
    """The same promise as a proposal for the next charter; `dataclasses.replace` what should change."""
    return replace(charter, predecessor=charter.digest)


def as_json(charter: Charter) -> dict[str, JsonValue]:
    """The charter as JSON values, in the form that its digest is taken of."""
    return {
        "version": VERSION,
        "origin": charter.origin,
        "stands": [str(stand) for stand in charter.stands],
        "packs": [{"name": pack.name, "sha256": pack.sha256} for pack in charter.packs],
        "keys": [
            {
                "public": key.public,
                "account": key.account,
                "roles": sorted(str(role) for role in key.roles),
                "minted_by": key.minted_by or None,
                "until": None if key.until is None else day_and_second(key.until),
            }
            for key in charter.keys
        ],
        "predecessor": charter.predecessor or None,
    }


def from_record(record: Record) -> Charter:
    """Read a charter strictly.

    Raises:
        InvalidValue: A key is missing, unknown or wrong; the message names the place and the remedy.
    """
    record.whole("version", least=VERSION, most=VERSION)
    charter = Charter(
        record.text("origin", longest=100),
        tuple(sorted(record.choices("stands", Stand))),
        tuple(sorted((_pack(it) for it in record.records("packs")), key=lambda it: it.name)),
        tuple(
            sorted((_keyholder(it) for it in record.records("keys")), key=lambda it: (it.account, it.public))
        ),
        record.sha256("predecessor") if record.has("predecessor") else "",
    )
    record.done()
    checked(charter)
    return charter


def checked(charter: Charter) -> None:
    """Make sure that a charter makes sense by itself.

    Raises:
        InvalidValue: A name has signs that are not allowed, a key occurs twice, or there is no operator.
    """
    if not _ORIGIN.fullmatch(charter.origin):
        raise _wrong("The origin has signs that are not allowed.", "Use a name such as faces.example/door.")
    if len({pack.name for pack in charter.packs}) != len(charter.packs):
        raise _wrong("Two own packs have one name.", "Give each its own.")
    if any(not _NAME.fullmatch(it.name) or not _DIGEST.fullmatch(it.sha256) for it in charter.packs):
        raise _wrong("An own pack has a name or a digest that is none.", "Use a-z, 0-9 and dashes; SHA-256.")
    for it in charter.keys:
        if not _DIGEST.fullmatch(it.public):
            raise _wrong("A public key is not 64 hexadecimal digits.", "Take it from the .pub file.")
        if not _NAME.fullmatch(it.account) or (it.minted_by and not _NAME.fullmatch(it.minted_by)):
            raise _wrong("An account has signs that are not allowed.", "Use up to 40 of a-z, 0-9 and dash.")
    if len({it.public for it in charter.keys}) != len(charter.keys):
        raise _wrong("One public key is listed twice.", "List it once, with all its roles.")
    if not 0 < len(charter.keys) <= _MOST_KEYS or not charter.people_with(Role.OPERATOR):
        raise _wrong(
            "Nobody on the list of keys is an operator, or it is too long.",
            f"List 1 to {_MOST_KEYS} keys, one of them with the role operator.",
        )


def _pack(record: Record) -> OwnPack:
    pack = OwnPack(record.text("name", longest=40), record.sha256("sha256"))
    record.done()
    return pack


def _keyholder(record: Record) -> Keyholder:
    it = Keyholder(
        record.sha256("public"),
        record.text("account", longest=40),
        record.choices("roles", Role),
        record.text("minted_by", longest=40) if record.has("minted_by") else "",
        record.moment("until") if record.has("until") else None,
    )
    record.done()
    if not it.roles:
        raise _wrong(f"{record.place}.roles is empty.", f"The roles are {', '.join(Role)}.")
    return it


def _wrong(cause: str, remedy: str) -> InvalidValue:
    return InvalidValue(cause, remedy=remedy)
