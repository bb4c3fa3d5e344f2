"""The printed schema in, the type of every attribute of every record out."""

from __future__ import annotations

import re

_RECORD = re.compile(r"(?ms)^(?:type|entity) (\w+) = \{\n(.*?)\n\};")
_ATTRIBUTE = re.compile(r'(?m)^  "?(\w+)"?(\??): ([^,\n]+)')


def attribute_types(printed: str) -> dict[str, dict[str, str]]:
    """By record and attribute; an optional attribute's type ends in a question mark.

    Args:
        printed: The schema as the engine prints it.
    """
    return {
        record: {name: f"{kind}{optional}" for name, optional, kind in _ATTRIBUTE.findall(body)}
        for record, body in _RECORD.findall(printed)
    }
