"""Nothing in, the invented uses of the demonstration out: a company's trial, and a police deployment."""

from __future__ import annotations

from datetime import datetime, timedelta

from faceward.governance.laws.authority import AuthorityKind, AuthorityRecord, Issuer
from faceward.governance.reviews.applications import Application, Liveness
from faceward.governance.reviews.organisations import Organisation
from faceward.governance.reviews.trials import Trial
from faceward.transparency.words import (
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Source,
)

DRIVERS = Trial(
    customer="rides",
    name="Rides Ltd",
    body=Body.COMPANY,
    purpose=Purpose.VERIFY_WORKER,
    country="IE",
    place=Place.PRIVATE,
    site="Depot",
    captures=frozenset({Capture.SUPERVISED}),
)
"""Is this driver the account holder?"""

POLICE = Application(
    customer="city-police",
    recipients=(),
    functions=frozenset({Function.VERIFY}),
    purposes=frozenset({Purpose.CRIMINAL_INVESTIGATION}),
    country="US",
    locality="Springfield, US-IL",
    place=Place.PRIVATE,
    voluntary=True,
    alternative="Identification by witnesses and documents.",
    false_match="Somebody innocent is questioned; no arrest rests on it.",
    false_non_match="The investigation goes on without it.",
    human=True,
    decides="Two trained examiners, each before seeing what the other says.",
    vulnerable_people="None are searched for.",
    source=Source.AUTHORITY,
    ground=Ground.OTHER,
    people=200,
    uses_a_day=20,
    cameras=1,
    sites=("Headquarters",),
    audit="audit-police",
    retention_days=30,
    sharing="With the court.",
    earlier_refusals="None.",
    safeguards=frozenset(Safeguard),
    captures=frozenset({Capture.SUPERVISED}),
    minors=Minors.NONE,
    instrument="none",
    liveness=Liveness.SUPERVISED,
)
"""Every factor of the review answered as well as it can be."""


def city_police(until: datetime) -> Organisation:
    """What the reviewers found the customer to be."""
    return Organisation("City Police", Body.POLICE, "US", "Charter of the city.", until)


def warrant(now: datetime) -> AuthorityRecord:
    """A court that allowed it."""
    return AuthorityRecord(
        identifier="warrant-7",
        kind=AuthorityKind.WARRANT,
        deployment="police",
        places=frozenset({POLICE.place}),
        purposes=POLICE.purposes,
        subjects=None,
        issuer="County court",
        issued_by=Issuer.COURT,
        opened=now,
        expires=now + timedelta(days=7),
        closed=None,
    )
