"""Every route of the REST API; a test holds that each reaches the gate, but for those that are public."""

from __future__ import annotations

from faceward.api import galleries, keys, photos, sessions, subjects, transparency

ROUTES = (
    *photos.ROUTES,
    *galleries.ROUTES,
    *subjects.ROUTES,
    *keys.ROUTES,
    *sessions.ROUTES,
    *transparency.ROUTES,
)
