"""Whose address counts: what a proxy of ours says about others, and nobody's word about themselves."""

from __future__ import annotations

import pytest

from faceward.errors import InvalidValue
from faceward.server.addresses import NO_PROXIES, Proxies

OURS = Proxies.read("10.0.0.5, 10.1.0.0/24, fd00::5")


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("", [], "unknown"),
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("10.0.0.5", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["198.51.100.7, 10.1.0.200"], "198.51.100.7"),
        ("10.0.0.5", ["10.1.0.1"], "10.1.0.1"),
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", ["nonsense"], "unknown"),
        ("fd00::5", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.5", ["198.51.100.7"], "198.51.100.7"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
    ],
)
def test_the_last_address_that_no_proxy_of_ours_hides(peer, forwarded, expected):
    """What stands before it anybody could have written."""
    assert OURS.asker(peer, forwarded) == expected


def test_without_proxies_nothing_forwarded_counts():
    """Whoever is connected could have written it."""
    assert NO_PROXIES.asker("127.0.0.1", ["198.51.100.7"]) == "127.0.0.1"


@pytest.mark.parametrize("words", ["proxy.example", "10.0.0.5/8", "10.0.0.5;10.0.0.6"])
def test_what_is_no_address_is_refused(words):
    """With what to write in its place."""
    with pytest.raises(InvalidValue) as refused:
        Proxies.read(words)
    assert "10.0.0.5" in refused.value.remedy
