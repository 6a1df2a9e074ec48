"""Network addresses as they are counted."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address


def subscriber(address: str) -> str:
    """Return whom a network address is counted as: of IPv6 the /64, which one subscriber has whole.

    Whoever has a /64 has 2^64 addresses to try from. What is no address counts as itself.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
