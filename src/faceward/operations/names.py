"""What a caller calls a gallery or a person in, what the installation calls them out, or why not."""

from __future__ import annotations

import re
import unicodedata

from faceward.errors import InvalidValue

_GALLERY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}").fullmatch
_MOST_SUBJECT = 128


def whole_name(deployment: str, gallery: str) -> str:
    """Name a gallery: two deployments may each have one that they call the same.

    Raises:
        InvalidValue: It is no name for a gallery.
    """
    if not _GALLERY(gallery):
        raise InvalidValue(
            "gallery: a name has 1 to 64 letters, digits, dots, hyphens and underscores, and begins with a "
            "letter or digit.",
            remedy="Give the gallery another name.",
        )
    return f"{deployment}/{gallery}"


def own_name(whole: str) -> str:
    """What a deployment calls a gallery of its own."""
    return whole.rpartition("/")[2]


def subject_name(name: str) -> str:
    """Name a person as the operator's own records do.

    Raises:
        InvalidValue: It is empty, too long, or holds what cannot be seen.
    """
    if not 1 <= len(name) <= _MOST_SUBJECT or name != name.strip() or any(map(_unseen, name)):
        raise InvalidValue(
            f"subject: a name has 1 to {_MOST_SUBJECT} characters, none of them a control character, and no "
            "space at either end.",
            remedy="Use an identifier of your own records, such as a number.",
        )
    return name


def _unseen(character: str) -> bool:
    """Whether a character has no shape of its own, or half of one."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
