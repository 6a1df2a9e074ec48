"""Whom a network address is counted as, and which ones residents cannot reach."""

import pytest

from wardsite.core.network import is_private_host, subscriber


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_one_subscriber_is_one(address: str, counted: str) -> None:
    assert subscriber(address) == counted


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("moh.gov.vn", False),
        ("8.8.8.8", False),
        ("[2001:4860:4860::8888]", False),
        ("10.0.0.1", True),
        ("192.168.1.4", True),
        ("169.254.169.254", True),
        ("[::1]", True),
        ("[fd00::1]", True),
        ("localhost", True),
        ("may-chu", True),
        ("quan.local", True),
        ("quan.internal.", True),
        ("local.vn", False),
    ],
)
def test_a_host_of_an_internal_network_is_told_by_its_name(host: str, private: bool) -> None:
    assert is_private_host(host) is private
