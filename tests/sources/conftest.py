"""A unit that may reach a feed server on loopback, and that server, with whatever it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pytest_httpserver import HTTPServer
from sqlalchemy import select

from tests.page import Browser
from wardsite.accounts.service import SignedIn
from wardsite.application import create_app
from wardsite.extensions import db
from wardsite.models import Headline, Source, User
from wardsite.settings import Settings
from wardsite.sources import service
from wardsite.sources.ingest import Outcome, fetch_due
from wardsite.sources.service import SourceText

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of a fresh instance that may fetch from loopback."""
    return replace(settings, allowed_private_hosts=("127.0.0.1", "localhost"))


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """Within the app's context."""
    with app.app_context():
        yield app


def item(n: int, *, title: str = "", link: str = "", hours: float = 1, guid: str = "") -> str:
    at = (NOW - timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><title>{title or f'Tin số {n}'}</title><guid>{guid or f'g{n}'}</guid>"
        f"<link>{link or f'https://bao.example/{n}'}</link><pubDate>{at}</pubDate>"
        f"<description>Tóm tắt {n}</description></item>"
    )


def feed(*items: str) -> str:
    return f"<rss version='2.0'><channel><title>Báo</title>{''.join(items)}</channel></rss>"


class Desk:
    """What a test does: officers, sources, fetching, looking."""

    def __init__(self, settings: Settings, server: HTTPServer) -> None:
        self.settings = settings
        self.server = server
        self.naps: list[float] = []

    def serve(self, body: str | bytes, path: str = "/rss", **answer: object) -> str:
        self.server.expect_request(path).respond_with_data(body, **answer)  # type: ignore[arg-type]
        return self.server.url_for(path)

    def officer(self, role: str = "admin") -> SignedIn:
        return SignedIn(db.session.scalars(select(User).where(User.role == role)).first(), "t")

    def source(self, url: str, **changes: object) -> Source:
        values = {"name": "Báo", "site_url": "https://bao.example/", "mode": "feed"}
        text = SourceText(**(values | {"feed_url": url} | changes))  # type: ignore[arg-type]
        return service.save_source(self.officer(), None, text, NOW)

    def fetch(self, now: datetime = NOW, only: int | None = None) -> list[Outcome]:
        self_made = fetch_due(self.settings, now, only=only, sleep=self.naps.append)
        return [o for o in self_made if o.name != "Báo Sức khỏe và Đời sống"]

    def headlines(self, **wanted: object) -> list[str]:
        query = (
            select(Headline.title)
            .filter_by(**wanted)
            .order_by(Headline.published_at.desc(), Headline.id)
        )
        return list(db.session.scalars(query))


@pytest.fixture
def desk(inside: Flask, settings: Settings, httpserver: HTTPServer) -> Desk:
    """An officer's desk, and a feed server. No source of the centre is asked."""
    from wardsite.extensions import transaction

    with transaction() as session:
        for row in session.scalars(select(Source).where(Source.mode == "feed")):
            row.next_fetch_at = NOW + timedelta(days=7)
    return Desk(settings, httpserver)


@pytest.fixture
def app_of() -> Callable[[Settings], Flask]:
    """Make an app of settings, for tests that need two."""
    return create_app


@pytest.fixture
def editor(signed_in: Callable[[str], Browser]) -> Browser:
    """An editor's browser."""
    return signed_in("editor")
