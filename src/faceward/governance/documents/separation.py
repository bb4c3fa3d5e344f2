"""Who signed what in, how many different people that is out, and who of them had no business to.

Persons are compared at the time of each signature and now, all at once: whoever made a key for somebody at
any of these times is the person behind that account. So a key that is handed over later does not make two
people of one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from faceward.governance.charters.charter import Role, persons
from faceward.governance.documents.snapshots import Document, Snapshot


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is who, over several documents.

    Attributes:
        people: For each account, the person behind it.
        operators: Persons that hold the role operator, then or now.
    """

    people: dict[str, str]
    operators: frozenset[str]

    def person(self, account: str) -> str:
        """The person behind an account."""
        return self.people.get(account, account)


def parties(snapshot: Snapshot, documents: Iterable[Document]) -> Parties:
    """Say who is who in the charters under which documents were filed, and in the one in force."""
    places = {it.sequence for it in documents}
    listed = [*(snapshot.charter_at(place) for place in places), snapshot.charter]
    keys = [key for charter in listed for key in charter.keys]
    people = dict(persons(keys))
    return Parties(people, frozenset(people[it.account] for it in keys if Role.OPERATOR in it.roles))


def applicants(snapshot: Snapshot, application: Document, who: Parties) -> frozenset[str]:
    """The persons who signed an application."""
    return frozenset(who.person(it.account) for it in snapshot.signers(application))


def approvers(snapshot: Snapshot, application: Document, approvals: Iterable[Document]) -> dict[str, str]:
    """Who approved an application and may: reviewers, then and now, neither applicants nor operators.

    Returns:
        An account for each person, in the order they signed; two accounts of one person count once.
    """
    approvals = tuple(approvals)
    who = parties(snapshot, (application, *approvals))
    barred = applicants(snapshot, application, who) | who.operators
    found: dict[str, str] = {}
    for document in approvals:
        for it in snapshot.signers_still(document, Role.REVIEWER):
            person = who.person(it.account)
            if person not in barred:
                found.setdefault(person, it.account)
    return found


def objections_to_approver(
    snapshot: Snapshot, application: Document, approvals: Iterable[Document], account: str
) -> tuple[str, ...]:
    """Why somebody may not approve an application now; nothing where they may.

    Args:
        snapshot: What is in force.
        application: What would be approved.
        approvals: Approvals of it so far.
        account: Who would approve.
    """
    approvals = tuple(approvals)
    who = parties(snapshot, (application, *approvals))
    person = who.person(account)
    reasons = []
    if not any(it.account == account and Role.REVIEWER in it.roles for it in snapshot.charter.keys):
        reasons.append("The key does not have the role reviewer.")
    if person in applicants(snapshot, application, who):
        reasons.append("Whoever applies does not approve, with whichever key.")
    if person in who.operators:
        reasons.append("Whoever operates does not approve, with whichever key.")
    if person in approvers(snapshot, application, approvals):
        reasons.append("This person has approved it already; the second approver is somebody else.")
    return tuple(reasons)
