"""A reason of the gate by name in, what it says, what would change it and whose position it is out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from faceward.governance.policies.packs import GATE, NO_PERMISSION, Rule

UNKNOWN_DEPLOYMENT = f"{GATE}/unknown-deployment"
ENGINE_FAULT = f"{GATE}/engine-fault"
NOTHING_PERMITS = f"{GATE}/nothing-permits"
CONTESTED = f"{GATE}/quota-contested"

REASONS: Mapping[str, Rule] = MappingProxyType(
    {
        it.name: it
        for it in (
            Rule(
                UNKNOWN_DEPLOYMENT,
                "No deployment of that name is on record.",
                "Open a trial, or have the use reviewed; then ask in its name.",
                "Principle of accountability: every use is reviewed before it begins.",
            ),
            Rule(
                ENGINE_FAULT,
                "The rules could not be judged, and what cannot be judged is refused.",
                "Have the operator run `faceward charter verify`, and report the fault.",
                "Default of faceward: what cannot be judged is refused.",
            ),
            replace(NO_PERMISSION, name=NOTHING_PERMITS),
            Rule(
                CONTESTED,
                "The quota was used up while the request was judged.",
                "Ask again with fewer others at once, or have the larger scale reviewed.",
                "Principle of accountability: a larger use is another use.",
            ),
        )
    }
)
"""Reasons of the gate by their name, as verdicts and records give it; no pack has a rule of such a name."""
