"""What somebody named on a command line in, the policies that it means and the uses on record out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from faceward import wiring
from faceward.cli import proposals
from faceward.governance.charters.charter import Stand
from faceward.governance.documents.registry import Registry
from faceward.governance.documents.snapshots import CharterMissing, Snapshot
from faceward.governance.dossier import RegisteredDossier
from faceward.governance.policies.packs import BASE, Packs
from faceward.governance.policies.prospects import Prospect, prospects
from faceward.governance.policies.simulation import Case, as_if_reviewed
from faceward.ports.ledger import Ledger
from faceward.settings import Settings

IN_FORCE = "in-force"
STANDS = (BASE, *map(str, Stand))
"""Names of what can be active alone or together; the base always is."""


@dataclass(frozen=True, slots=True)
class Records:
    """What an installation has on record; nothing is written to it.

    Attributes:
        ledger: Its ledger.
        registry: Its documents.
        snapshot: What is in force.
        dossier: What is known of uses.
    """

    ledger: Ledger
    registry: Registry
    snapshot: Snapshot
    dossier: RegisteredDossier

    def cases(
        self, on: datetime, names: Iterable[str] = (), *, reviewed: bool = False
    ) -> Mapping[Prospect, Case]:
        """Every use of the deployments on record, or of those that are named, at a moment.

        Args:
            on: When.
            names: Which deployments; all of them where none is named.
            reviewed: Take what people signed as of now, and the approval as covering that moment.

        Raises:
            DeploymentUnknown: There is no deployment of a name.
        """
        signed = self.registry.now() if reviewed else on
        found = {it: self.dossier.case(it, on, signed) for it in prospects(self.snapshot, signed, names)}
        return {it: as_if_reviewed(case, on) for it, case in found.items()} if reviewed else found


@contextmanager
def records(chosen: Settings) -> Iterator[Records]:
    """Open what an installation has on record.

    Raises:
        CharterMissing: There is no installation yet, and none is made.
        DependencyError: The ledger, a key or a document cannot be read.
    """
    if not wiring.has_ledger(chosen):
        raise CharterMissing("This installation has no charter.")
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        yield Records(ledger, registry, registry.snapshot(), wiring.dossier(chosen, ledger, registry))


def of_stands(names: Iterable[str]) -> Packs:
    """The base and the stands that are named.

    Raises:
        PolicyInvalid: There is no such stand.
    """
    return wiring.packs_of(sorted({*names} - {BASE}))


def named(text: str, chosen: Settings, snapshot: Snapshot) -> Packs:
    """The policies that a word means: those in force, a list of stands, or those of a charter in a file.

    Args:
        text: ``in-force``, names with commas between, or the path of a charter or a proposal.
        chosen: Where own packs lie.
        snapshot: What is in force.

    Raises:
        AboutFile: The file cannot be read, or is no charter.
        CharterMissing: There is no charter in force.
        PolicyInvalid: An own pack that the charter names is missing, or is another.
    """
    if text == IN_FORCE:
        return wiring.packs(chosen, snapshot.charter)
    names = text.split(",")
    if set(names) <= set(STANDS):
        return of_stands(names)
    return wiring.packs(chosen, proposals.charter_or_proposal(text))


def words(packs: Packs) -> str:
    """The policies in words, without the base."""
    return ", ".join(pack.name for pack in packs.active[1:]) or "the base alone"
