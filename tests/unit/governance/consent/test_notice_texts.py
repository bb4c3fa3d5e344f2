"""Notices: plain words that come with the product."""

import pytest

from faceward.errors import InvalidValue
from faceward.governance.consent.notice_texts import LANGUAGES, PARTICULARS, VERSIONS, notice


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_notice_asks_for_all_particulars_and_is_filled_with_them(version: str, language: str) -> None:
    """Each particular stands in the text, and its digest is of the filled one."""
    bare = notice(version, language)
    filled = bare.filled(**{name: f"<{name}>" for name in PARTICULARS})
    assert all(f"<{name}>" in filled.text for name in PARTICULARS)
    assert "24" in filled.text
    assert "{" not in filled.text
    assert filled.sha256 != bare.sha256


def test_a_notice_is_never_half_filled() -> None:
    """Missing, blank and unasked particulars are refused; so is a notice that does not exist."""
    words = dict.fromkeys(PARTICULARS, "x")
    for wrong in ({}, words | {"contact": " "}, words | {"more": "x"}):
        with pytest.raises(InvalidValue):
            notice("1", "en").filled(**wrong)
    for version, language in (("2", "en"), ("1", "fr"), ("../1", "en")):
        with pytest.raises(InvalidValue):
            notice(version, language)
