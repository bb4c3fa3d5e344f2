"""What a person was told and said in, the record that is kept and the signed receipt that they get out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from faceward.governance.consent import receipts
from faceward.governance.consent.records import (
    Basis,
    ConsentRecord,
    Data,
    Event,
    Header,
    LegalGround,
    Method,
    Parties,
    Processing,
    State,
    check_guardian,
)
from faceward.governance.consent.stored import to_store
from faceward.governance.outcomes import Commitment
from faceward.ports.gallery_store import Consent, Majority
from faceward.transparency.signatures import SigningKey
from faceward.transparency.words import Minors, Purpose


@dataclass(frozen=True, slots=True)
class Told:
    """What a person was told, and what they said.

    Attributes:
        purposes: What for.
        until: From when it does not hold any more, UTC.
        state: Given or refused.
        method: How they said it.
        evidence_sha256: Digest of what shows it.
        notice_version: Which notice they read.
        notice_sha256: Digest of its text.
        language: Of the notice.
        jurisdiction: Whose law, ISO 3166.
        photos: Whether photos may be kept, which is a choice of its own.
        ground: On what it rests.
        reference_sha256: Digest of the text that another ground than consent rests on; empty for consent.
        controller: The organisation that decides.
        contact: Where to withdraw, ask and complain.
        majority: Whether the person is of age.
    """

    purposes: frozenset[Purpose]
    until: datetime
    state: State
    method: Method
    evidence_sha256: str
    notice_version: str
    notice_sha256: str
    language: str
    jurisdiction: str
    photos: bool
    ground: LegalGround
    reference_sha256: str
    controller: str
    contact: str
    majority: Majority


@dataclass(frozen=True, slots=True)
class Stated:
    """A consent, and what the ledger will hold of its record.

    Attributes:
        consent: As it is kept, with the receipt as its document.
        commitment: What the receipt opens.
    """

    consent: Consent
    commitment: Commitment


@dataclass(frozen=True, slots=True)
class ConsentDesk:
    """Makes records and signs receipts.

    Attributes:
        subject: What the ledger calls a subject of a gallery.
        actor: What the ledger calls an account.
        opening: The key of the keyed digest that an entry with a salt holds.
        minors: Whether a deployment may meet people below the age of majority.
        signer: Signs receipts for the controller.
    """

    subject: Callable[[str, str], str]
    actor: Callable[[str], str]
    opening: Callable[[bytes], bytes]
    minors: Callable[[str], Minors]
    signer: SigningKey

    def made(self, told: Told, account: str, gallery: str, subject: str, now: datetime) -> Stated:
        """Make the record of what somebody said, with its receipt.

        Args:
            told: What they were told and said.
            account: Who enters it.
            gallery: The gallery's whole name.
            subject: The subject's name, which the record does not hold.
            now: When.

        Raises:
            InvalidValue: A part of it is not what the record holds.
        """
        second = now.replace(microsecond=0)
        actor = self.actor(account)
        is_consent = told.ground is LegalGround.CONSENT
        record = ConsentRecord(
            Header(1, secrets.token_hex(16), self.subject(gallery, subject), second),
            Processing(
                purposes=told.purposes,
                data=frozenset({Data.TEMPLATE, Data.PHOTO} if told.photos else {Data.TEMPLATE}),
                notice_version=told.notice_version,
                notice_hash=told.notice_sha256,
                language=told.language,
                retention_until=told.until,
                storage="encrypted, in the controller's installation of faceward",
                recipients=(),
                jurisdiction=told.jurisdiction,
                legal_ground=Basis(told.ground)
                if is_consent
                else Basis(told.ground, told.reference_sha256, actor),
            ),
            Parties(told.controller, told.contact),
            (Event(told.state, told.method, second, actor, told.evidence_sha256),),
        )
        check_guardian(record, told.majority, self.minors(gallery.partition("/")[0]))
        return self._kept(record, gallery, subject)

    def withdrawn(self, consent: Consent, account: str, now: datetime) -> Stated:
        """The consent after it was withdrawn, with a new receipt.

        Raises:
            ConsentOver: It was refused, so there is nothing to withdraw.
            InvalidValue: The record that is kept is damaged.
        """
        record = receipts.read(consent.document).record
        last = record.events[-1].at
        event = Event(
            State.WITHDRAWN, Method.OPERATOR, max(now.replace(microsecond=0), last), self.actor(account)
        )
        return self._kept(record.followed_by(event), consent.gallery, consent.subject)

    def _kept(self, record: ConsentRecord, gallery: str, subject: str) -> Stated:
        salt = secrets.token_bytes(16)
        receipt = receipts.issued(record, salt.hex(), self.opening(salt), self.signer)
        kept = to_store(record, gallery, subject, document=receipt.written())
        return Stated(kept, Commitment(receipt.document, receipt.salt))
