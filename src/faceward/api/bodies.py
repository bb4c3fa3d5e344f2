"""JSON that comes in: what each request that is no photo may say. What is not named here is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

Short = Annotated[str, Meta(min_length=1, max_length=128)]
Rate = Annotated[float, Meta(gt=0, lt=1)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Identifier = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class NewGallery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A gallery to be made.

    Attributes:
        name: What the deployment calls it.
        false_match_rate: How often a stranger may match one person.
        false_positive_identification_rate: How often a search for a stranger may give a candidate.
        source: Where its photos come from.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    false_match_rate: Rate = 1e-4
    false_positive_identification_rate: Rate = 1e-2
    source: Short = "subjects"


class NewKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made.

    Attributes:
        account: Whose it will be.
        scopes: What it may ask for.
        days: How long it lives.
    """

    account: Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    scopes: Annotated[list[Short], Meta(min_length=1, max_length=8)]
    days: Annotated[int, Meta(ge=1, le=366)] = 90


class NewConsent(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A consent that a person gave or refused, or another recorded ground.

    Attributes:
        purposes: What for.
        until: From when it does not hold any more.
        controller: The organisation that decides.
        contact: Where to withdraw, ask and complain.
        jurisdiction: Whose law, ISO 3166: ``DE``, ``US-IL``.
        evidence_sha256: Digest of what shows it: the signed sheet, the log of the form.
        notice_sha256: Digest of the notice that the person read.
        notice_version: Which notice that was.
        language: Of the notice: ``en``, ``de-AT``.
        state: ``given`` or ``refused``.
        method: How it was said: ``written``, ``electronic``, ``spoken``, ``guardian``, …
        ground: ``consent``, or another ground with the digest of the text that it rests on.
        reference_sha256: That digest.
        photos: Whether photos may be kept, which is a choice of its own.
        majority: ``adult``, ``minor`` or ``unknown``.
    """

    purposes: Annotated[list[Short], Meta(min_length=1, max_length=8)]
    until: datetime
    controller: Annotated[str, Meta(min_length=1, max_length=200)]
    contact: Annotated[str, Meta(min_length=1, max_length=200)]
    jurisdiction: Short
    evidence_sha256: Digest
    notice_sha256: Digest
    notice_version: Short = "1"
    language: Short = "en"
    state: Short = "given"
    method: Short = "written"
    ground: Short = "consent"
    reference_sha256: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    photos: bool = False
    majority: Short = "unknown"


class Move(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """References that belong to another subject; none named means all.

    Attributes:
        before: The subject who has them.
        after: The subject they belong to.
        references: Their identifiers.
    """

    before: Short
    after: Short
    references: Annotated[list[Identifier], Meta(max_length=64)] = []


class Bar(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reference that does not show a person.

    Attributes:
        before: The subject who has it.
        after: The subject that it does not show.
        reference: Its identifier.
    """

    before: Short
    after: Short
    reference: Identifier
