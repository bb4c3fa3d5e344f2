"""Policy packs in, checked rules in plain words out: the base, the active stands, an operator's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from faceward.governance.policies.vocabulary import is_word
from faceward.ports.policy_engine import PolicyInvalid, PolicyLanguage, WrittenRule
from faceward.transparency import canonical
from faceward.transparency.words import Action

BASE = "base"
GATE = "gate"
"""What stands before the names of the gate's own reasons, so no pack is called so."""
DEFAULT_STANDS = ("microsoft-2020",)

_ANNOTATIONS = ("id", "says", "change", "source")
_RIGHTS = frozenset(action.value for action in Action if action.is_right)
_KEEPING = frozenset(action.value for action in Action if action.is_keeping)
_PERMITTED = frozenset(action.value for action in Action if action is not Action.INFER_TRAIT)


class Kind(StrEnum):
    """What a pack may do."""

    BASE = "base"  # holds the only rule that permits; always active
    STAND = "stand"  # states a position; forbids only
    OWN = "own"  # an operator's; forbids only


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, in words fit for whoever it refuses.

    Attributes:
        name: ``pack/rule``, as verdicts and records give it.
        says: What it refuses; of the one rule that permits, what it permits.
        change: What would change the verdict.
        source: Whose position or principle it states.
    """

    name: str
    says: str
    change: str
    source: str

    @property
    def words(self) -> str:
        """What it says and what would change the verdict, as whoever it refuses is told."""
        return f"{self.says} {self.change}"


NO_PERMISSION = Rule(
    "none",
    "No rule permits it: the actor does not belong to this deployment.",
    "Use an account of this deployment.",
    "Default of faceward: what no rule permits is refused.",
)
"""What is to be said where an answer names no rule."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A checked policy pack.

    Attributes:
        name: Its file's name without the ending.
        kind: What it may do.
        text: Its text, as the digest counts it.
        rules: Its rules, in the order of the text.
    """

    name: str
    kind: Kind
    text: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs that are active together, with the base first and in order of name otherwise.

    Attributes:
        active: The packs.
        schema: What their rules may speak of.
    """

    active: tuple[Pack, ...]
    schema: str

    def __post_init__(self) -> None:
        names = [pack.name for pack in self.active]
        if not self.active or self.active[0].kind is not Kind.BASE:
            raise PolicyInvalid("The base pack is not active.", remedy="Activate packs with `active_packs`.")
        if len({*names}) != len(names):
            raise PolicyInvalid(
                f"A pack is active twice: {', '.join(names)}.",
                remedy="Name each stand and each own pack once.",
            )

    @property
    def texts(self) -> Mapping[str, str]:
        """The text of each pack by its name, as a policy engine takes them."""
        return {pack.name: pack.text for pack in self.active}

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule by its name, in order."""
        return {rule.name: rule for pack in self.active for rule in pack.rules}

    @property
    def digest(self) -> str:
        """What a policy engine gives as its digest, without having to read them."""
        return sha256(canonical.encoded({"packs": dict(self.texts), "schema": self.schema})).hexdigest()

    def explained(self, names: Iterable[str]) -> tuple[Rule, ...]:
        """The rules of an answer, in its order; what stands for them where it names none.

        Raises:
            PolicyInvalid: No active pack has such a rule, so the answer was given under other packs.
        """
        known = self.rules
        if unknown := sorted(set(names := tuple(names)) - set(known)):
            raise PolicyInvalid(
                f"No active pack has a rule {', '.join(unknown)}.",
                remedy="Explain an answer with the packs it was given under; its record names their digest.",
            )
        return tuple(known[name] for name in names) or (NO_PERMISSION,)


def active_packs(
    language: PolicyLanguage, stands: Iterable[str] = DEFAULT_STANDS, own: Iterable[Pack] = ()
) -> Packs:
    """The base, the stands that a charter names, and the operator's own packs.

    Raises:
        PolicyInvalid: There is no such stand, or a pack is not what its kind must be.
    """
    known = shipped_stands()
    named = sorted(stands)
    if unknown := [name for name in named if name not in known]:
        raise PolicyInvalid(
            f"There is no stand {', '.join(unknown)}.", remedy=f"There are: {', '.join(known)}."
        )
    return Packs(
        (
            read_pack(language, BASE, Kind.BASE, _text(_folder() / "base.cedar")),
            *(read_pack(language, name, Kind.STAND, known[name]) for name in named),
            *sorted(own, key=lambda pack: pack.name),
        ),
        shipped_schema(),
    )


def own_packs(language: PolicyLanguage, folder: Path) -> tuple[Pack, ...]:
    """An operator's own packs: the files of a folder that end in ``.cedar``.

    Raises:
        PolicyInvalid: The folder cannot be read, or a pack has the name of a shipped one or is not what it
            must be.
    """
    try:
        texts = {path.stem: _text(path) for path in sorted(folder.iterdir()) if path.suffix == ".cedar"}
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyInvalid(
            f"Own packs cannot be read: {error}.", remedy="Name a folder of .cedar files in UTF-8."
        ) from None
    if taken := sorted({BASE, GATE, *shipped_stands()} & set(texts)):
        raise PolicyInvalid(
            f"A pack in {folder} has the name of a shipped one or of the gate: {', '.join(taken)}.",
            remedy="Give the file and its rules another name; a shipped pack cannot be replaced.",
        )
    return tuple(read_pack(language, name, Kind.OWN, text) for name, text in texts.items())


def read_pack(language: PolicyLanguage, name: str, kind: Kind, text: str) -> Pack:
    """Read a pack and check it.

    Raises:
        PolicyInvalid: It does not fit the schema, or is not what its kind must be; the cause names pack and
            rule.
    """
    try:
        written = language.rules(text)
    except PolicyInvalid as error:
        raise PolicyInvalid(f"Pack {name}: {error.cause}", remedy=error.remedy) from None
    rules = tuple(_rule(name, kind, number, one) for number, one in enumerate(written, 1))
    if len({rule.name for rule in rules}) != len(rules):
        twice = sorted({rule.name for rule in rules if [it.name for it in rules].count(rule.name) > 1})
        raise PolicyInvalid(
            f"Pack {name}: two rules are called {', '.join(twice)}.",
            remedy="Give each rule a name of its own.",
        )
    if not rules:
        raise PolicyInvalid(f"Pack {name} has no rule.", remedy="Write one, or remove the pack.")
    permitting = [one.actions for one in written if one.permits]
    if kind is Kind.BASE and permitting != [_PERMITTED]:
        raise PolicyInvalid(
            f"Pack {name}: not exactly one rule permits, or not exactly the actions that there are.",
            remedy="Install faceward again: the base was changed.",
        )
    return Pack(name, kind, text, rules)


@cache
def shipped_schema() -> str:
    """What rules may speak of, in Cedar's own syntax."""
    return _text(_folder() / "schema.cedarschema")


@cache
def shipped_stands() -> Mapping[str, str]:
    """The text of each shipped stand by its name, in order of name."""
    files = sorted((_folder() / "stands").iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".cedar"): _text(file) for file in files if file.name.endswith(".cedar")}


def _rule(pack: str, kind: Kind, number: int, written: WrittenRule) -> Rule:
    given = {name: " ".join(text.split()) for name, text in written.annotations.items()}
    name = given.get("id") or f"number {number}"

    def wrong(why: str, remedy: str) -> PolicyInvalid:
        return PolicyInvalid(f"Pack {pack}, rule {name}: {why}.", remedy=remedy)

    if missing := [f"@{it}" for it in _ANNOTATIONS if not given.get(it)]:
        raise wrong(
            f"{' and '.join(missing)} missing",
            'Write @id("pack/rule"), @says, @change and @source above every rule.',
        )
    if unknown := sorted(set(given) - set(_ANNOTATIONS)):
        raise wrong(f"@{', @'.join(unknown)} unknown", f"Use @{', @'.join(_ANNOTATIONS)} and no other.")
    before, _, after = name.partition("/")
    if before != pack or not after.replace("-", "").isalnum() or after != after.lower():
        raise wrong(
            "it is not called pack/rule", f"Call it {pack}/, then lower-case letters, digits and hyphens."
        )
    if kind is not Kind.BASE:
        if written.permits:
            raise wrong("it permits", "Write forbid: only the base permits, and nothing widens it.")
        for blocked, what in ((_RIGHTS, "a right of the people concerned"), (_KEEPING, "the keeping")):
            if actions := sorted(written.actions & blocked):
                raise wrong(
                    f"it could block {what} ({', '.join(actions)})",
                    'Write `action in Action::"recognise"`, or an action or group in it.',
                )
    if words := sorted(word for word in written.words if not is_word(word)):
        raise wrong(
            f"no fact is ever {', '.join(map(repr, words))}",
            "Correct the spelling; docs/reference/policies.md lists the words.",
        )
    return Rule(name, given["says"], given["change"], given["source"])


def _folder() -> Traversable:
    return resources.files(__package__) / "cedar"


def _text(file: Path | Traversable) -> str:
    # Line ends as on every machine, so that the digest is the same on all of them.
    return file.read_text(encoding="utf-8").replace("\r\n", "\n")
