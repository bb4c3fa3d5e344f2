"""Versions and languages in, the words that a person is given before they choose out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from faceward.errors import InvalidValue

LANGUAGES = ("de", "en")
VERSIONS = ("1",)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person is told.

    Attributes:
        version: Which edition; a changed text is another one.
        language: In which language.
        text: The words. What stands in braces the operator fills in before anybody reads it.
    """

    version: str
    language: str
    text: str

    @property
    def sha256(self) -> str:
        """Digest of the text in UTF-8, which a record holds as ``notice_hash``."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def filled(self, **words: str) -> Notice:
        """The notice with the operator's particulars in it; the record holds the digest of this one.

        Args:
            words: ``controller``, ``purpose``, ``retention``, ``storage``, ``recipients``, ``contact`` and
                ``alternative``, each a text that is not blank.

        Raises:
            InvalidValue: One is missing, blank or not asked for.
        """
        if words.keys() != PARTICULARS or not all(it.strip() for it in words.values()):
            raise InvalidValue(
                f"A notice needs exactly these particulars: {', '.join(sorted(PARTICULARS))}.",
                remedy="Give a text for each; say 'nobody' where there are no recipients.",
            )
        return Notice(self.version, self.language, self.text.format(**words))


PARTICULARS = frozenset(
    {"controller", "purpose", "retention", "storage", "recipients", "contact", "alternative"}
)
"""What only the operator knows."""


def notice(version: str, language: str) -> Notice:
    """A notice that comes with the product, not filled in yet.

    Raises:
        InvalidValue: There is none of that version or language.
    """
    if version not in VERSIONS or language not in LANGUAGES:
        raise InvalidValue(
            "There is no notice of that version and language.",
            remedy=f"Take version {', '.join(VERSIONS)} in {', '.join(LANGUAGES)}, or write your own.",
        )
    path = files(__package__) / "notices" / f"{version}.{language}.txt"
    return Notice(version, language, path.read_text(encoding="utf-8"))
