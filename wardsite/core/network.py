"""Network addresses as they are counted, and those that residents cannot reach."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

_PRIVATE_DOMAINS = (
    *(".localhost", ".local", ".internal", ".lan", ".home.arpa"),
    *(".test", ".invalid"),
)


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


def is_private_host(host: str) -> bool:
    """Tell whether only some network can reach a host, by its name alone; nothing is looked up.

    An address that is not global (RFC 6890), a name without a dot, or one under a domain that is
    never delegated (RFC 6761, RFC 6762, RFC 8375, `.internal`).
    """
    host = host.strip("[]").rstrip(".").lower()
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_DOMAINS)
