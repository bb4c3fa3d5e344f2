"""What a caller wants in, what gated operations gave out: the one door of the server, skins and client alike.

Each method says what is asked as a `Request`, and lets the gate decide. Nothing here judges, and nothing here
touches a template.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import TypeVar

from faceward.core.decision import Decision, OperatingPoint
from faceward.errors import FacewardError
from faceward.governance.accounts.api_keys import ApiKey, ApiKeys, Wanted
from faceward.governance.facts import DeploymentFacts
from faceward.governance.gate import Gate, OnRecord
from faceward.governance.outcomes import Pending, Performed
from faceward.governance.permits import Permit
from faceward.governance.requests import Request
from faceward.operations import (
    administration,
    arrangement,
    correction,
    detection,
    enrolment,
    identification,
    rights,
    verification,
)
from faceward.operations.administration import Issued
from faceward.operations.arrangement import look
from faceward.operations.consenting import ConsentDesk, Stated, Told
from faceward.operations.detection import Detected
from faceward.operations.enrolment import Enrolled
from faceward.operations.identification import Identification
from faceward.operations.names import subject_name, whole_name
from faceward.operations.points import SearchPoint, search_point
from faceward.operations.resources import Resources
from faceward.operations.rights import Erased
from faceward.operations.verification import Verified
from faceward.ports.gallery_store import (
    Consent,
    Correction,
    CorrectionKind,
    Extent,
    Gallery,
    GalleryStore,
    Reference,
    Subject,
    SubjectUnknown,
)
from faceward.ports.ledger import Ledger, Settled, Writing
from faceward.transparency.words import Action, Capture, Purpose, Source

T = TypeVar("T")

RETENTION_JOB = "job/retention"
"""The account of the job that enforces retention; no person can have it, for their names hold no slash."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and as part of what.

    Attributes:
        account: The account that asks.
        deployment: The reviewed use that it asks as part of.
        purpose: What for.
        capture: What photos were taken with.
        authority: Authority record that is claimed to cover it; empty where none is.
    """

    account: str
    deployment: str
    purpose: Purpose = Purpose.UNKNOWN
    capture: Capture = Capture.UNKNOWN
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new gallery promises.

    Attributes:
        false_match_rate: How often a stranger may match one person.
        false_positive_identification_rate: How often a search for a stranger may give a candidate.
        source: Where its photos come from.
    """

    false_match_rate: float = 1e-4
    false_positive_identification_rate: float = 1e-2
    source: Source = Source.SUBJECTS


@dataclass(frozen=True, slots=True)
class Standing:
    """A gallery as it stands.

    Attributes:
        gallery: Its terms.
        extent: How much it holds.
    """

    gallery: Gallery
    extent: Extent


class Operations:
    """Everything the product does with photos and people, behind the gate. Safe from many threads.

    Args:
        gate: Decides and records.
        resources: What operations work with.
        ledger: The ledger in whose database the store lies.
        deployments: Gives what is known of a deployment at a moment.
        tenant: Gives the organisation that operates a deployment.
        consents: Makes consent records and signs receipts.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what everything rests on
        self,
        gate: Gate,
        resources: Resources,
        ledger: Ledger,
        deployments: Callable[[str, datetime], DeploymentFacts],
        tenant: Callable[[str], str],
        consents: ConsentDesk,
    ) -> None:
        self._gate = gate
        self._resources = resources
        self._ledger = ledger
        self._deployments = deployments
        self._tenant = tenant
        self._consents = consents
        self._exchanging = Lock()

    # Photos alone

    def detect(self, caller: Caller, photo: bytes) -> OnRecord[Detected]:
        """Find the faces of a photo and say what each is fit for."""
        request = self._request(caller, Action.DETECT, photo=photo)
        return self._do(
            request, partial(detection.detect, recogniser=self._resources.recogniser, photo=photo)
        )

    def compare(
        self, caller: Caller, probe: bytes, references: tuple[bytes, ...], false_match_rate: float
    ) -> OnRecord[tuple[Decision, ...]]:
        """Decide for each reference photo whether it shows the person of the probe."""
        precision = self._resources.recogniser.contract.precision
        at = self._resources.calibration(precision, precision).at(false_match_rate)
        request = self._request(caller, Action.COMPARE, photo=probe, at=at, comparisons=len(references))
        recogniser = self._resources.recogniser
        return self._do(
            request, partial(verification.compare, recogniser=recogniser, probe=probe, references=references)
        )

    # Galleries

    def make_gallery(self, caller: Caller, name: str, terms: Terms) -> OnRecord[Gallery]:
        """Make a gallery of the caller's deployment."""
        gallery = Gallery(
            name=whole_name(caller.deployment, name),
            deployment=caller.deployment,
            tenant=self._tenant(caller.deployment),
            contract=self._resources.recogniser.contract,
            false_match_rate=terms.false_match_rate,
            false_positive_identification_rate=terms.false_positive_identification_rate,
            source=terms.source,
            created=self._resources.clock.now(),
        )
        # A gallery that is not there yet has no owner whom a rule could look at, so the request names none.
        request = self._request(caller, Action.ARRANGE)
        return self._do(request, partial(arrangement.make, resources=self._resources, gallery=gallery))

    def close_gallery(self, caller: Caller, name: str) -> OnRecord[None]:
        """Close a gallery with nobody in it."""
        request = self._request(caller, Action.ARRANGE, gallery=name)
        done = self._do(request, partial(arrangement.close, resources=self._resources))
        self._resources.holding.drop(request.gallery)
        return done

    def gallery(self, caller: Caller, name: str) -> OnRecord[Standing]:
        """A gallery as it stands."""
        whole = whole_name(caller.deployment, name)
        return self._look(caller, name, lambda store: Standing(store.gallery(whole), store.extent(whole)))

    def galleries(self, caller: Caller, after: str, most: int) -> OnRecord[tuple[Standing, ...]]:
        """The galleries of the caller's deployment."""
        start = whole_name(caller.deployment, after) if after else ""
        return self._look(
            caller,
            "",
            lambda store: tuple(
                Standing(it, store.extent(it.name)) for it in store.galleries(caller.deployment, start, most)
            ),
        )

    def subject(self, caller: Caller, gallery: str, subject: str) -> OnRecord[Subject]:
        """A subject of a gallery."""
        whole = whole_name(caller.deployment, gallery)
        return self._look(caller, gallery, lambda store: store.subject(whole, subject))

    def subjects(self, caller: Caller, gallery: str, after: str, most: int) -> OnRecord[tuple[Subject, ...]]:
        """The subjects of a gallery."""
        whole = whole_name(caller.deployment, gallery)
        return self._look(caller, gallery, lambda store: store.subjects(whole, after, most))

    def references(self, caller: Caller, gallery: str, subject: str) -> OnRecord[tuple[Reference, ...]]:
        """The references of a subject, whose templates stay closed."""
        whole = whole_name(caller.deployment, gallery)

        def read(store: GalleryStore) -> tuple[Reference, ...]:
            store.subject(whole, subject)
            return store.references(whole, subject)

        return self._look(caller, gallery, read)

    def consents(self, caller: Caller, gallery: str, subject: str) -> OnRecord[tuple[Consent, ...]]:
        """The consents of a subject."""
        whole = whole_name(caller.deployment, gallery)

        def read(store: GalleryStore) -> tuple[Consent, ...]:
            store.subject(whole, subject)
            return store.consents(whole, subject)

        return self._look(caller, gallery, read)

    # People

    def enrol(
        self, caller: Caller, gallery: str, subject: str, photo: bytes, *, accept_duplicate: bool = False
    ) -> OnRecord[Enrolled]:
        """Add a reference to a subject who has a ground for it."""
        whole = whole_name(caller.deployment, gallery)
        is_new = not self._resources.store.references(whole, subject)
        request = self._request(
            caller,
            Action.ENROL,
            gallery=gallery,
            subjects=(subject,),
            photo=photo,
            enrolling=int(is_new),
        )
        work = partial(
            enrolment.enrol, resources=self._resources, photo=photo, accept_duplicate=accept_duplicate
        )
        return self._do(request, work)

    def remove_reference(self, caller: Caller, gallery: str, subject: str, reference: str) -> OnRecord[None]:
        """Remove one reference of a subject."""
        request = self._request(caller, Action.CORRECT, gallery=gallery, subjects=(subject,))
        return self._do(request, partial(arrangement.remove, resources=self._resources, reference=reference))

    def verify(self, caller: Caller, gallery: str, subject: str, probe: bytes) -> OnRecord[Verified]:
        """Decide whether a photo shows one subject, at the rate that the gallery promises."""
        request = self._request(caller, Action.VERIFY, gallery=gallery, subjects=(subject,), photo=probe)
        return self._do(request, partial(verification.verify, resources=self._resources, probe=probe))

    def reopen(self, caller: Caller, gallery: str, subject: str) -> OnRecord[None]:
        """Let a person be verified again, after somebody has looked at the tries that failed."""
        request = self._request(caller, Action.ARRANGE, gallery=gallery, subjects=(subject,))
        return self._do(request, partial(arrangement.reopen, resources=self._resources))

    def identify(
        self, caller: Caller, gallery: str, probe: bytes, most: int = 10
    ) -> OnRecord[Identification]:
        """Search a gallery for every face of a photo, at the rate that the gallery promises."""
        point = self.search_point(caller, gallery)
        request = self._request(caller, Action.IDENTIFY, gallery=gallery, photo=probe, at=point.at)
        work = partial(
            identification.identify,
            resources=self._resources,
            probe=probe,
            most=most,
            largest=point.largest_gallery,
        )
        return self._do(request, work)

    def search_point(self, caller: Caller, gallery: str) -> SearchPoint:
        """Where a search of a gallery decides now.

        Raises:
            GalleryUnknown: There is no such gallery.
            OperatingPointUnsupported: The evidence does not support a search of so large a gallery.
        """
        kept = self._resources.store.gallery(whole_name(caller.deployment, gallery))
        extent = self._resources.store.extent(kept.name)
        facts = self._deployments(caller.deployment, self._resources.clock.now())
        return search_point(
            self._resources.table(kept),
            kept.false_positive_identification_rate,
            extent.references,
            provisional=facts.tier == 0,
        )

    # Mistakes

    def move(
        self, caller: Caller, gallery: str, before: str, after: str, references: tuple[str, ...]
    ) -> OnRecord[Correction]:
        """Move references from one subject to another: some to split, all (none named) to merge."""
        # Who has no reference yet is enrolled by this, and counts.
        is_new = not self._resources.store.references(whole_name(caller.deployment, gallery), after)
        request = self._request(
            caller, Action.CORRECT, gallery=gallery, subjects=(before, after), enrolling=int(is_new)
        )
        return self._do(request, partial(correction.move, resources=self._resources, references=references))

    def bar(
        self, caller: Caller, gallery: str, before: str, after: str, reference: str
    ) -> OnRecord[Correction]:
        """Remember that a reference of one subject does not show another."""
        request = self._request(caller, Action.CORRECT, gallery=gallery, subjects=(before, after))
        return self._do(request, partial(correction.bar, resources=self._resources, reference=reference))

    def undo(self, caller: Caller, gallery: str, identifier: str) -> OnRecord[Correction]:
        """Take a correction back."""
        whole = whole_name(caller.deployment, gallery)
        made = self._resources.store.correction(whole, identifier)
        is_moved = made.kind is CorrectionKind.MOVED
        is_new = is_moved and not self._resources.store.references(whole, made.before)
        both = (made.before, made.after)
        request = self._request(caller, Action.CORRECT, gallery=gallery, subjects=both, enrolling=int(is_new))
        return self._do(request, partial(correction.undo, resources=self._resources, correction=made))

    def corrections(self, caller: Caller, gallery: str, most: int) -> OnRecord[tuple[Correction, ...]]:
        """The newest corrections of a gallery."""
        whole = whole_name(caller.deployment, gallery)
        return self._look(caller, gallery, lambda store: store.corrections(whole, most))

    # Keys

    def keys(self, caller: Caller, keys: ApiKeys) -> OnRecord[tuple[ApiKey, ...]]:
        """The keys of the caller's deployment."""
        return self._do(self._request(caller, Action.ADMINISTER), partial(administration.listed, keys=keys))

    def issue_key(self, caller: Caller, keys: ApiKeys, wanted: Wanted) -> OnRecord[Issued]:
        """Make a key for the caller's deployment."""
        work = partial(administration.mint, keys=keys, clock=self._resources.clock, wanted=wanted)
        return self._do(self._request(caller, Action.ADMINISTER), work)

    def exchange_key(self, caller: Caller, keys: ApiKeys, identifier: str) -> OnRecord[Issued]:
        """Make the key that lasts of the one that was presented, and end that one.

        One at a time: two who present the same key at once do not both get one. Of several servers over one
        database each looks for itself, so there `ApiKeys.all` would show two.
        """
        work = partial(administration.exchange, keys=keys, clock=self._resources.clock, identifier=identifier)
        with self._exchanging:
            return self._do(self._request(caller, Action.ADMINISTER), work)

    def revoke_key(self, caller: Caller, keys: ApiKeys, identifier: str) -> OnRecord[None]:
        """Revoke a key of the caller's deployment."""
        work = partial(administration.cancel, keys=keys, identifier=identifier)
        return self._do(self._request(caller, Action.ADMINISTER), work)

    # Rights

    def record_consent(self, caller: Caller, gallery: str, subject: str, told: Told) -> OnRecord[Consent]:
        """Record a consent, a refusal or another ground; who was not known is known then."""
        request = self._request(caller, Action.CONSENT, gallery=gallery, subjects=(subject,))
        now = self._resources.clock.now()
        stated = self._consents.made(told, caller.account, request.gallery, subject, now)
        work = partial(rights.record, resources=self._resources, stated=stated, majority=told.majority)
        return self._do(request, work)

    def withdraw(self, caller: Caller, gallery: str, subject: str, identifier: str) -> OnRecord[Consent]:
        """Withdraw a consent: what rests on it alone is unusable at once."""
        request = self._request(caller, Action.WITHDRAW, gallery=gallery, subjects=(subject,))

        def withdrawn(consent: Consent, now: datetime) -> Stated:
            return self._consents.withdrawn(consent, caller.account, now)

        work = partial(rights.withdraw, resources=self._resources, identifier=identifier, withdrawn=withdrawn)
        return self._do(request, work)

    def erase(self, caller: Caller, gallery: str, subject: str) -> OnRecord[Erased]:
        """Erase everything of a subject, their key last."""
        request = self._request(caller, Action.ERASE, gallery=gallery, subjects=(subject,))
        done = self._do(request, partial(rights.erase, resources=self._resources))
        self.finish_erasures()
        return done

    def rehearse_retention(self, caller: Caller, at: datetime, most: int) -> OnRecord[tuple[Consent, ...]]:
        """What the clocks of this deployment would erase by a moment, the most overdue first."""
        return self._look(caller, "", lambda store: store.overdue(at, most, caller.deployment))

    def enforce_retention(self, most: int = 100) -> int:
        """Erase those whose clocks have run out, and say how many people went; the work of a job.

        The job has an account of its own, and passes the gate like anyone. What stops one erasure stops no
        other: it is raised once all were tried.
        """
        erased, failed = 0, list[FacewardError]()
        due = self._resources.store.overdue(self._resources.clock.now(), most)
        for gallery, subject in sorted({(it.gallery, it.subject) for it in due}):
            try:
                done = self._lapse(gallery, subject)
                erased += bool(done.result.references or done.result.consents)
            except SubjectUnknown:  # Somebody else was faster.
                continue
            except FacewardError as error:
                failed.append(error)
        self.finish_erasures()
        if failed:
            raise failed[0]
        return erased

    def _lapse(self, gallery: str, subject: str) -> OnRecord[Erased]:
        """Erase somebody whose clocks have run out, as the job."""
        request = Request(
            actor=RETENTION_JOB,
            deployment=self._resources.store.gallery(gallery).deployment,
            action=Action.ERASE,
            purpose=Purpose.UNKNOWN,
            gallery=gallery,
            subjects=(subject,),
        )
        return self._do(request, partial(rights.lapse, resources=self._resources))

    def look_at_figures(self, caller: Caller) -> OnRecord[None]:
        """Have it on record that somebody looks at the figures of this server, which name nobody."""
        return self._look(caller, "", lambda _: None)

    def memory_bytes(self) -> int:
        """Bytes that templates take in memory, all galleries together."""
        return self._resources.holding.memory_bytes()

    def finish_erasures(self) -> int:
        """Destroy the keys of all who were erased, and say of how many.

        An erasure that was cut short, by a crash after it was recorded, ends here. The key goes in the
        transaction that buries, while nobody else can: another server may have buried them meanwhile, and
        somebody of the same name may have a key since.
        """
        store, vault = self._resources.store, self._resources.vault
        forgotten = store.forgotten()
        for gallery, subject in forgotten:

            def settle(transaction: object, gallery: str = gallery, subject: str = subject) -> Settled:
                if store.within(transaction).bury(gallery, subject):
                    vault.forget(gallery, subject)
                return Settled(())

            self._ledger.write(Writing((), settle=settle))
        for gallery in {gallery for gallery, _ in forgotten}:
            self._resources.holding.follow(gallery)
        if forgotten:
            store.scrub()
        return len(forgotten)

    def _do(self, request: Request, work: Callable[[Permit], Performed[T] | Pending[T]]) -> OnRecord[T]:
        return self._gate.perform_on_record(request, work)

    def _look(self, caller: Caller, gallery: str, at: Callable[[GalleryStore], T]) -> OnRecord[T]:
        request = self._request(caller, Action.READ, gallery=gallery)
        return self._do(request, partial(look, resources=self._resources, at=at))

    def _request(  # noqa: PLR0913 - what requests differ in
        self,
        caller: Caller,
        action: Action,
        *,
        gallery: str = "",
        subjects: tuple[str, ...] = (),
        photo: bytes = b"",
        at: OperatingPoint | None = None,
        comparisons: int = 0,
        enrolling: int = 0,
    ) -> Request:
        whole = whole_name(caller.deployment, gallery) if gallery else ""
        judged_by_rates = not (action.is_right or action.is_keeping)
        if whole:
            # One of the deployment's own that is not there is a mistake, and not a refusal.
            kept = self._resources.store.gallery(whole)
            if judged_by_rates and at is None:
                # What is enrolled or moved will be compared at this point: the audit must speak of it.
                at = self._resources.table(kept).at(kept.false_match_rate)
        return Request(
            actor=caller.account,
            deployment=caller.deployment,
            action=action,
            purpose=caller.purpose,
            gallery=whole,
            subjects=tuple(map(subject_name, subjects)),
            probe_sha256=sha256(photo).digest() if photo else b"",
            operating_point=at,
            model_sha256=self._resources.recogniser.contract.model_sha256 if judged_by_rates else "",
            comparisons=comparisons,
            enrolling=enrolling,
            capture=caller.capture,
            authority=caller.authority,
        )
