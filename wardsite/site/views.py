"""Home and the pages of topics."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from wardsite.core.central_schema import Authority
from wardsite.documents import service as documents
from wardsite.mandate import service as mandates
from wardsite.models import Document
from wardsite.news import service as news
from wardsite.site.moment import moment
from wardsite.sources import service as sources

bp = Blueprint("site", __name__)


@dataclass(frozen=True)
class Directives:
    """The documents of one authority, newest first."""

    authority: Authority
    documents: list[Document]


@bp.get("/")
def home() -> ResponseReturnValue:
    """The home page."""
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    return render_template(
        "site/home.html",
        topics=[
            (topic, news.latest(now, topic.home_items, category_slug=topic.id))
            for topic in mandate.topics
        ],
        posts=news.latest(now, 6, but=[topic.id for topic in mandate.topics]),
        documents=documents.latest(mandate.document_ids, 5),
    )


@bp.get("/covid-19", defaults={"topic_id": "covid-19"})
@bp.get("/chuyen-de/<topic_id>")
def topic(topic_id: str) -> ResponseReturnValue:
    """All that the centre mandates on a topic, the unit's posts on it, and the official sources."""
    now = datetime.now(UTC)
    mandate = mandates.at(now)
    chosen = next((topic for topic in mandate.topics if topic.id == topic_id), None)
    if chosen is None:
        abort(404)
    found = documents.of_topic(mandate.document_ids, topic_id)
    return render_template(
        "site/topic.html",
        topic=chosen,
        directives=[
            Directives(authority, [row for row in found if row.authority == authority.id])
            for authority in mandate.authorities
        ],
        own_documents=[row for row in found if not row.authority],
        posts=news.latest(now, 12, category_slug=topic_id),
        headlines=sources.latest(mandate.sources, now, topic=topic_id, limit=10),
        moment=moment(now),
    )
