"""What other programs read of the site."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from flask import Flask

from tests.page import Browser
from wardsite.application import close_app, create_app
from wardsite.core import feeds
from wardsite.core.central_schema import Notice
from wardsite.core.mandate import Mandate
from wardsite.mandate import service as mandates
from wardsite.ops.demo import add_samples
from wardsite.settings import Settings

BASE = "https://phuong.example.gov.vn"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    changes = {"base_url": BASE, "security_contact": "mailto:baomat@example.gov.vn"}
    return replace(settings, **changes)


@pytest.fixture
def site(app: Flask) -> Browser:
    with app.app_context():
        add_samples(datetime.now(UTC))
    return Browser(app)


def xml(site: Browser, path: str, mimetype: str) -> ElementTree.Element:
    answer = site.client.get(path, headers={"Host": "localhost"})
    assert answer.status_code == 200
    assert answer.mimetype == mimetype
    return ElementTree.fromstring(answer.data)  # noqa: S314 our own


@pytest.mark.parametrize("path", ["/rss.xml", "/van-ban/rss.xml", "/tin-tuc/covid-19/rss.xml"])
def test_feeds_are_well_formed_and_lead_to_pages_that_are_there(site: Browser, path: str) -> None:
    root = xml(site, path, "application/rss+xml")
    links = [link.text or "" for link in root.iterfind("channel/item/link")]
    assert links
    for link in links:
        assert link.startswith(BASE + "/")
        site.get(link.removeprefix(BASE))
    # Our own reader reads them without a fault.
    feed = feeds.parse(site.client.get(path).data, BASE + path)
    assert feed.fault == ""
    assert all(entry.published_at for entry in feed.entries)


def test_a_feed_of_no_section_is_not_there(site: Browser) -> None:
    assert site.client.get("/tin-tuc/khong-co/rss.xml").status_code == 404


def test_the_sitemap_names_what_residents_can_open_and_nothing_else(site: Browser) -> None:
    root = xml(site, "/sitemap.xml", "application/xml")
    namespace = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = [place.text or "" for place in root.iter(f"{namespace}loc")]
    assert len(found) == len(set(found)) > 10
    assert f"{BASE}/covid-19" in found
    for address in found:
        site.get(address.removeprefix(BASE))
    assert not any("quan-tri" in address for address in found)


def test_robots_and_security_are_told_what_the_settings_say(site: Browser) -> None:
    robots = site.client.get("/robots.txt").text
    assert "Disallow: /quan-tri\n" in robots
    assert f"Sitemap: {BASE}/sitemap.xml\n" in robots
    told = site.client.get("/.well-known/security.txt").text
    assert "Contact: mailto:baomat@example.gov.vn\n" in told
    expires = datetime.fromisoformat(re.findall("Expires: (.*)", told)[0])
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=366)


def test_without_a_contact_there_is_no_security_txt(settings: Settings) -> None:
    app = create_app(replace(settings, security_contact=""))
    assert app.test_client().get("/.well-known/security.txt").status_code == 404
    close_app(app)


def graph(site: Browser, path: str) -> dict[str, dict[str, str]]:
    (block,) = site.get(path).all("script", type="application/ld+json")
    data = json.loads(block.text)
    assert data["@context"] == "https://schema.org"
    return {thing["@type"]: thing for thing in data["@graph"]}


def test_pages_tell_who_speaks_and_what(site: Browser) -> None:
    home = graph(site, "/")
    assert home["GovernmentOrganization"]["name"] == "Ủy ban nhân dân phường Hạ Đình"
    path = next(link for link in site.get("/tin-tuc").links if link.count("/") == 3)
    article = graph(site, path)["NewsArticle"]
    assert article["mainEntityOfPage"] == BASE + path
    page = site.get(path)
    assert page.one("link", rel="canonical")["href"] == BASE + path
    assert page.one("meta", property="og:type")["content"] == "article"
    assert page.one("meta", property="og:title")["content"] == article["headline"]


def test_no_address_comes_from_the_host_header(app: Flask) -> None:
    app.config["TRUSTED_HOSTS"] = None
    client = app.test_client()
    for path in ("/", "/rss.xml", "/sitemap.xml", "/robots.txt", "/cap.xml"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.text


def test_without_a_base_url_a_page_claims_no_address(client: Browser) -> None:
    app = client.client.application
    app.extensions["wardsite"] = replace(app.extensions["wardsite"], base_url="")
    page = client.get("/")
    assert not page.all("link", rel="canonical")
    assert not page.all("script", type="application/ld+json")


CAP_SCHEMA = xmlschema.XMLSchema(Path(__file__).parents[1] / "data" / "cap-1.2.xsd")


def test_the_schema_of_cap_refuses_what_the_standard_does() -> None:
    good = (
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier>'
        "<sender>b</sender><sent>2026-11-24T08:00:00+07:00</sent><status>Actual</status>"
        "<msgType>Alert</msgType><scope>Public</scope></alert>"
    )
    assert CAP_SCHEMA.is_valid(good)
    for right, wrong in (
        ("08:00:00+07:00", "01:00:00Z"),
        ("<status>Actual</status>", "<status>Real</status>"),
        ("<sender>b</sender>", ""),
        ("<sender>b</sender>", "<sender>b, c</sender>"),
        ("<scope>Public</scope>", "<scope>Public</scope><info/>"),
    ):
        assert not CAP_SCHEMA.is_valid(good.replace(right, wrong)), wrong


def test_without_an_urgent_notice_the_alert_says_so(site: Browser) -> None:
    alert = xml(site, "/cap.xml", "application/cap+xml")
    CAP_SCHEMA.validate(alert)
    assert alert.findtext(f"{CAP}status") == "System"
    assert alert.find(f"{CAP}info") is None


def urgent(**changes: object) -> Notice:
    values = {
        "id": "khan",
        "severity": "urgent",
        "title": "Phong toả tạm thời <khu A> & B",
        "body": "Ở yên tại nhà.",
        "valid_from": datetime(2026, 11, 24, 1, tzinfo=UTC),
        "topic": "covid-19",
    }
    return Notice(**(values | changes))  # type: ignore[arg-type]


def test_a_notice_in_force_is_announced_on_the_home_page(
    site: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mandates, "at", lambda now: Mandate(notices=(urgent(),)))
    told = graph(site, "/")["SpecialAnnouncement"]
    assert told["name"] == "Phong toả tạm thời <khu A> & B"
    assert told["datePosted"].startswith("2026-11-24")


def test_urgent_notices_are_an_alert_of_cap_1_2(
    site: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    mandate: Callable[[datetime], Mandate] = lambda now: Mandate(  # noqa: E731
        notices=(urgent(), urgent(id="b", valid_to=datetime(2027, 1, 1, tzinfo=UTC), topic=None))
    )
    monkeypatch.setattr(mandates, "at", mandate)
    alert = xml(site, "/cap.xml", "application/cap+xml")
    CAP_SCHEMA.validate(alert)
    assert alert.findtext(f"{CAP}status") == "Actual"
    first, second = alert.findall(f"{CAP}info")
    assert first.findtext(f"{CAP}headline") == "Phong toả tạm thời <khu A> & B"
    assert first.findtext(f"{CAP}category") == "Health"
    assert first.findtext(f"{CAP}effective") == "2026-11-24T08:00:00+07:00"
    assert second.findtext(f"{CAP}expires") == "2027-01-01T07:00:00+07:00"
