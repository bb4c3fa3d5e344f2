"""A request and a moment in, everything known about it out, from documents, counters and what is held.

What holds for a deployment as such is gathered once a second (`particulars`); what depends on the request is
gathered here, for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from faceward.governance.charters.charter import Role
from faceward.governance.considerations import Considered, UnknownDeployment
from faceward.governance.documents.pseudonyms import keyed_digest
from faceward.governance.documents.registry import Registry
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.facts import DeploymentFacts, UseFacts
from faceward.governance.laws.authority import allows_subjects, covers
from faceward.governance.laws.authority_register import authorities
from faceward.governance.particulars import Particulars, particulars
from faceward.governance.policies.prospects import Prospect, authorised
from faceward.governance.policies.simulation import Case
from faceward.governance.requests import Request
from faceward.governance.reviews.audit_verdicts import best, of_request
from faceward.governance.reviews.organisations import body_at
from faceward.governance.reviews.scale import tier
from faceward.governance.reviews.standing import DeploymentUnknown
from faceward.governance.rulebook import Rulebook, Rulebooks
from faceward.ports.holdings import Holdings
from faceward.ports.keyring import Keyring
from faceward.ports.ledger import Claim, Ledger
from faceward.transparency.kinds import keyed
from faceward.transparency.words import Action, AuditVerdict, Ground, strictest

_RECORDS = "record"
_UNUSED = (0, 0, 0, 0)


class RegisteredDossier:
    """Knows the registry, the ledger's counters and what is held of people. Safe from many threads."""

    def __init__(
        self, registry: Registry, ledger: Ledger, keyring: Keyring, rulebooks: Rulebooks, holdings: Holdings
    ) -> None:
        """Gather from these.

        Args:
            registry: Signed documents.
            ledger: Counters of people and uses.
            keyring: The secret behind keyed digests.
            rulebooks: Gives the rules of a charter.
            holdings: What is kept of people.
        """
        self._registry = registry
        self._ledger = ledger
        self._keyring = keyring
        self._rulebooks = rulebooks
        self._holdings = holdings
        self._announced: Snapshot | None = None
        names = registry.pseudonyms
        self._names: Mapping[str, Callable[[str], str]] = {
            "deployment": names.deployment,
            "actor": names.actor,
            "gallery": names.gallery,
            "organisation": names.organisation,
            "authority": names.authority,
        }

    def rulebook(self) -> Rulebook:
        """The rules of the charter in force.

        Raises:
            CharterMissing: There is no charter yet.
            PolicyInvalid: Its rules cannot be read, or do not know all that the product can do.
        """
        return self._rulebooks(self._in_force().charter)

    def pseudonym(self, kind: str, name: str) -> str:
        """What the ledger calls something; empty for an empty name."""
        return self._names[kind](name) if name else ""

    def subject(self, gallery: str, name: str) -> str:
        """What the ledger calls a subject of a gallery, until their key is destroyed."""
        return self._registry.pseudonyms.subject(gallery, name)

    def digest(self, salt: bytes, content: bytes) -> str:
        """A keyed digest under a key of this one record; empty for empty content."""
        if not content:
            return ""
        return keyed(keyed_digest(keyed_digest(self._keyring.key(_RECORDS, ""), salt), content))

    def deployment(self, name: str, now: datetime) -> DeploymentFacts:
        """What rules may know of a deployment.

        Raises:
            DeploymentUnknown: There is none.
        """
        return particulars(self._registry.snapshot(), name, now, self._registry.pseudonyms).facts

    def case(self, it: Prospect, on: datetime, signed: datetime | None = None) -> Case:
        """What rules may know of a use that nobody asks for yet, for a simulation.

        Where a request would say, the plainest is assumed: photos and ground as they were reviewed, people
        looked for by name, in galleries of the deployment, nothing of any quota used up.

        Args:
            it: The use.
            on: When it would be; local bans are those of this moment.
            signed: What people signed (reviews, authorities, audits) is taken as of this moment; the same
                where it is ``None``.

        Raises:
            DeploymentUnknown: There is no such deployment.
            DependencyError: What is known cannot be read.
        """
        snapshot, names, at = self._registry.snapshot(), self._registry.pseudonyms, signed or on
        known = particulars(snapshot, it.deployment, at, names)
        use = self._use(snapshot, known, request := it.request(), at, _UNUSED)
        then = particulars(snapshot, it.deployment, on, names)
        audit = AuditVerdict.NONE if known.facts.tier == 0 else best(snapshot, it, at)
        use = replace(
            use,
            now=on,
            targeted=True,
            authority=authorised(snapshot, it, known.facts, at),
            audit=audit,
            banned=any(then.banned[one.sector] for one in known.bodies),
        )
        return Case(request.action, known.facts, use)

    def consider(self, request: Request, now: datetime) -> Considered:
        """Gather what is known.

        Raises:
            UnknownDeployment: There is no such deployment.
            CharterMissing: There is no charter yet.
            DependencyError: What is known cannot be read.
        """
        snapshot = self._in_force()
        try:
            known = particulars(snapshot, request.deployment, now, self._registry.pseudonyms)
        except DeploymentUnknown:
            raise UnknownDeployment("There is no deployment of that name.") from None
        counters = _counters(known, now)
        use = self._use(snapshot, known, request, now, self._ledger.counters(counters))
        people, customer_people, daily, customer_daily = counters
        claims = (
            Claim(daily, request.uses, known.facts.max_daily),
            Claim(customer_daily, request.uses, known.limits.daily),
            Claim(people, request.enrolling, known.facts.max_enrolled),
            Claim(customer_people, request.enrolling, known.limits.people),
        )
        return Considered(
            member=self._is_member(snapshot, request, now),
            use=use,
            around=known.around,
            claims=tuple(it for it in claims if it.amount),
            enrolled_counters=(people, customer_people),
            rulebook=self._rulebooks(snapshot.charter),
        )

    def _in_force(self) -> Snapshot:
        """What is in force, once the ledger knows by which rules: a new version may have brought others."""
        snapshot = self._registry.snapshot()
        if self._announced is not snapshot:
            self._registry.announced_policy()
            self._announced = snapshot
        return snapshot

    def _use(
        self,
        snapshot: Snapshot,
        known: Particulars,
        request: Request,
        now: datetime,
        counted: tuple[int, ...],
    ) -> UseFacts:
        gallery, holdings = request.gallery, self._holdings
        named = (it for it in (request.on_behalf_of, request.recipient) if it)
        bodies = (*known.bodies, *(body_at(snapshot, it, now) for it in named))
        people, customer_people, daily, customer_daily = counted
        customer_people += request.enrolling
        customer_daily += request.uses
        return UseFacts(
            now=now,
            purpose=request.purpose,
            function=request.function,
            sector=strictest(*bodies),
            capture=request.capture,
            live=request.live,
            targeted=bool(request.subjects),
            own_gallery=self._is_own(request),
            source=holdings.source(gallery) if gallery else known.declared.source,
            ground=self._ground(known, request, now),
            minors=known.declared.minors,
            authority=self._authority(snapshot, known, request, now),
            audit=of_request(snapshot, known, request, now, people + request.enrolling),
            # A ban of one of those concerned is no less a ban because another is of a stricter sector.
            banned=any(known.banned[it.sector] for it in bodies),
            enrolled_after=people + request.enrolling,
            daily_after=daily + request.uses,
            customer_enrolled_after=customer_people,
            customer_daily_after=customer_daily,
            tier_enrolled=known.limits.people,
            tier_daily=known.limits.daily,
            customer_tier=tier(customer_people, known.sites, known.places, customer_daily),
        )

    def _is_member(self, snapshot: Snapshot, request: Request, now: datetime) -> bool:
        """Whether who asks belongs to the deployment: by a key of the charter, or by an account of it."""
        by_key = _is_operator(snapshot, request.actor, now)
        return by_key or self._holdings.member(request.actor, request.deployment, now)

    def _is_own(self, request: Request) -> bool:
        """Whether every gallery concerned is one of the deployment; what is named after it can be made."""
        if not (request.gallery or request.subjects):
            return True
        owner = self._holdings.owner(request.gallery)
        if not owner and request.action is Action.ARRANGE:
            return request.gallery.startswith(f"{request.deployment}/")
        return owner == request.deployment

    def _ground(self, known: Particulars, request: Request, now: datetime) -> Ground:
        """What is on record for the people concerned, or, where nobody is enrolled, what was reviewed."""
        if not (request.gallery or request.subjects):
            return known.declared.ground
        return self._holdings.ground(request.gallery, request.subjects, request.purpose, now)

    def _authority(self, snapshot: Snapshot, known: Particulars, request: Request, now: datetime) -> bool:
        if not request.authority:
            return False
        subjects = frozenset(self.subject(request.gallery, it) for it in request.subjects) or None
        return any(
            it.counts
            and it.record.identifier == request.authority
            and covers(it.record, request.deployment, now, known.facts.place, request.purpose)
            and allows_subjects(it.record, subjects)
            for it in snapshot.view(authorities)
        )


def _counters(known: Particulars, now: datetime) -> tuple[str, str, str, str]:
    """Names of the counters of people and of the day's uses, each of the deployment and of its customer."""
    whose = (known.deployment, known.customer)
    people, customer_people = (f"people/{it}" for it in whose)
    daily, customer_daily = (f"uses/{it}/{now:%Y-%m-%d}" for it in whose)
    return people, customer_people, daily, customer_daily


def _is_operator(snapshot: Snapshot, account: str, now: datetime) -> bool:
    """Whether an account operates here: it holds a key with that role, in time."""
    return any(
        it.account == account and Role.OPERATOR in it.roles and (it.until is None or now < it.until)
        for it in snapshot.charter.keys
    )
