"""What visitors get: does the site answer, under which name, with what certificate and headers."""

import http.client
import socket
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from wardsite import net
from wardsite.core.errors import N_, WardsiteError, reason_of
from wardsite.doctor.finding import Finding, State, fault, good, warning
from wardsite.serving.headers import HEADERS
from wardsite.serving.health import READ_ONLY
from wardsite.settings import Settings

SECONDS = 5.0
RENEWED_BEFORE = timedelta(days=21)  # certbot renews 30 days ahead: less means that it fails
MAX_PAGE = 2 * 1024 * 1024
BANNER = b'data-slot="bluezone"'


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over the Unix socket that the server listens on."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        """Open the socket; raises OSError."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(str(self._path))


def serving(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether the server of this machine answers and its database does."""
    advice = WardsiteError(
        N_("Find out why: systemctl status wardsite@%(unit)s; journalctl -u wardsite@%(unit)s."),
        unit=settings.unit_id,
    )
    connection = (
        _UnixConnection(settings.socket)
        if settings.socket
        else http.client.HTTPConnection(_reachable(settings.host), settings.port, timeout=SECONDS)
    )
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        status, said = answer.status, answer.read(100).decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        silent = WardsiteError(
            N_("The site is not running: %(reason)s"),
            reason=reason_of(error),
        )
        yield fault("serving", silent, advice)
    else:
        if status == 200 and said == READ_ONLY:
            unsaved = WardsiteError(N_("The site can be read, but nothing can be saved."))
            yield fault("serving", unsaved, WardsiteError(N_("See “disk” and “database” here.")))
        elif status == 200:
            yield good("serving", N_("The site is running."))
        else:
            ill = WardsiteError(N_("The site responds with status %(status)d."), status=status)
            yield fault("serving", ill, advice)
    finally:
        connection.close()


def dns(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Look whether the name leads to addresses, IPv6 among them, and each of them answers."""
    parts = urlsplit(settings.base_url)
    if not parts.hostname:
        unset = WardsiteError(N_("base_url is not set, so the address visitors use is unknown."))
        yield warning(
            "dns", unset, WardsiteError(N_("Set base_url in wardsite.toml to the public address."))
        )
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        nowhere = WardsiteError(
            N_("The domain name %(host)s does not point to any address."), host=parts.hostname
        )
        advice = WardsiteError(N_("Ask the domain registrar to add A and AAAA records."))
        yield fault("dns", nowhere, advice)
        return
    addresses = dict.fromkeys((str(sockaddr[0]), family) for family, *_, sockaddr in found)
    yield from judge_addresses(
        parts.hostname,
        [(address, _answers(address, family, port)) for address, family in addresses],
    )


def judge_addresses(host: str, addresses: Iterable[tuple[str, bool]]) -> Iterator[Finding]:
    """Judge the addresses of a name, each with whether it answers."""
    known = dict(addresses)
    silent = [address for address, answers in known.items() if not answers]
    if silent:
        yield fault(
            "dns",
            WardsiteError(
                N_("%(host)s points to %(addresses)s, which does not respond."),
                host=host,
                addresses=", ".join(silent),
            ),
            WardsiteError(
                N_(
                    "Make nginx listen on this address and open the firewall, or remove the DNS "
                    "record."
                )
            ),
        )
    if not any(":" in address for address in known):
        yield warning(
            "dns",
            WardsiteError(N_("%(host)s has no IPv6 address."), host=host),
            WardsiteError(N_("Ask the provider for IPv6 and add an AAAA record.")),
        )
    elif not silent:
        yield good("dns", N_("%(host)s responds over IPv4 and IPv6."), host=host)


def page(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Fetch the home page as a visitor does; judge certificate, headers and the banner."""
    parts = urlsplit(settings.base_url)
    if not parts.hostname:
        return
    advice = WardsiteError(N_("Check nginx (nginx -t; journalctl -u nginx) and the firewall."))
    try:
        answer = net.get(
            settings.base_url + "/",
            allowed_hosts=frozenset({parts.hostname}),
            max_bytes=MAX_PAGE,
            deadline_seconds=2 * SECONDS,
            accept_insecure_http=True,
        )
    except net.CertificateError as error:
        renew = WardsiteError(N_("Renew it: certbot renew; then systemctl reload nginx."))
        yield fault("certificate", error, renew)
        return
    except net.FetchError as error:
        yield fault("page", error, advice)
        return
    yield judge_certificate(answer.url, answer.certificate_expires_at, now)
    yield from judge_headers(answer.headers, https=answer.url.startswith("https:"))
    yield _judge_banner(answer.body)


def judge_certificate(url: str, end: datetime | None, now: datetime) -> Finding:
    """Judge by what address the home page came, and until when its certificate holds."""
    if not url.startswith("https:"):
        plain = WardsiteError(N_("The site is accessed without encryption (%(url)s)."), url=url)
        turn_on = WardsiteError(
            N_("Get a certificate (certbot --nginx), then set base_url to https.")
        )
        return fault("certificate", plain, turn_on)
    if end is not None and end - now < RENEWED_BEFORE:
        short = WardsiteError(
            N_("The certificate is valid for only %(days)d more days."), days=(end - now).days
        )
        renew = WardsiteError(N_("Find out why it is not being renewed: certbot renew --dry-run."))
        return Finding("certificate", State.WARNING, short, renew)
    return good("certificate", N_("The certificate is valid."))


def judge_headers(given: Mapping[str, str], *, https: bool) -> Iterator[Finding]:
    """Judge the headers that arrive at visitors; what a proxy drops or changes shows here."""
    wanted = {name.lower(): value for name, value in HEADERS.items()}
    wrong = sorted(name for name, value in wanted.items() if given.get(name) != value)
    if https and "max-age=" not in given.get("strict-transport-security", ""):
        wrong.append("strict-transport-security")
    if "set-cookie" in given:
        wrong.append("set-cookie")
    if wrong:
        yield fault(
            "headers",
            WardsiteError(
                N_("HTTP headers do not reach visitors as the site sends them: %(names)s."),
                names=", ".join(wrong),
            ),
            WardsiteError(N_("Compare the nginx or Caddy configuration with the one in deploy/.")),
        )
    else:
        yield good("headers", N_("Visitors receive the security headers."))


def _judge_banner(body: bytes) -> Finding:
    if BANNER in body:
        return good("banner", N_("Visitors receive the mandatory banner."))
    return fault(
        "banner",
        WardsiteError(N_("The page visitors receive does not contain the mandatory banner.")),
        WardsiteError(
            N_("Check that base_url is the address of this site, and clear the proxy’s cache.")
        ),
    )


def _answers(address: str, family: int, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(SECONDS)
            return probe.connect_ex((address, port)) == 0
    except OSError:
        return False


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
