"""Fills an instance with posts, in bulk and without search words: pages do not ask for those."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from bench import servers
from wardsite.application import create_app
from wardsite.extensions import db, transaction
from wardsite.models import Category, Post
from wardsite.settings import load_settings

WORDS = "Ủy ban nhân dân phường thông báo đến toàn thể nhân dân về công tác phòng, chống dịch. "
BODY = f"<h2>Nội dung</h2><p>{WORDS * 4}</p><p>{WORDS * 4}</p><ul><li>{WORDS}</li></ul>"
BATCH = 5_000


def make(folder: Path, posts: int) -> Path:
    """Make a ward's instance with so many published posts, and return its folder."""
    servers.make_instance(folder)
    app = create_app(load_settings(folder, {}))
    now = datetime.now(UTC)
    with app.app_context():
        sections = list(db.session.scalars(select(Category.id).order_by(Category.id)))
        for first in range(0, posts, BATCH):
            numbers = range(first, min(first + BATCH, posts))
            with transaction() as session:
                session.execute(
                    insert(Post), [_post(n, now, sections[n % len(sections)]) for n in numbers]
                )
        db.session.remove()
        db.engine.dispose()
    return folder


def _post(number: int, now: datetime, section: int) -> dict[str, object]:
    at = now - timedelta(minutes=number + 1)
    title = f"Thông báo số {number} về việc tiêm chủng và khai báo y tế trên địa bàn phường"
    return {
        "title": title,
        "title_folded": title.lower(),
        "slug": f"thong-bao-{number}",
        "summary": WORDS,
        "body_html": BODY,
        "category_id": section,
        "status": "published",
        "published_at": at,
        "created_at": at,
        "updated_at": at,
    }
