"""Every page of the newsroom with 20,000 posts and 30,000 pictures against 20 and 30.

Both show as many rows: before a list is timed, all 20 posts are made such as it asks for. Else the
small site's page would be quicker for being emptier, which is no merit of its 20 posts.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bench import servers
from bench.bench_documents import PASSWORD, _signed_in
from bench.row import Row, paired
from wardsite.accounts.service import add_user
from wardsite.application import create_app
from wardsite.core.search import folded_words
from wardsite.extensions import db, transaction
from wardsite.models import Category, Image, ImageUse, Post, PostRevision, User
from wardsite.settings import load_settings

GOAL = 1.5
POSTS, PICTURES = 20_000, 30_000
OFFICERS = {"author": "bench-author", "editor": "bench"}
STATES = ("published", "published", "published", "draft", "submitted", "withdrawn", "binned")
# An address, and what it asks of a post.
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "overview": ("/quan-tri", {}),
    "posts": ("/quan-tri/tin-tuc", {"status": "published"}),
    "posts, page 300 of many": ("/quan-tri/tin-tuc?trang={page}", {"status": "published"}),
    "posts to approve": ("/quan-tri/tin-tuc?trang-thai=submitted", {"status": "submitted"}),
    "posts published": ("/quan-tri/tin-tuc?trang-thai=published", {"status": "published"}),
    "posts in the bin": ("/quan-tri/tin-tuc?trang-thai=binned", {"status": "binned"}),
    "own posts": ("/quan-tri/tin-tuc?cua-toi=1", {"status": "published"}),
    "posts of a category": (
        "/quan-tri/tin-tuc?chuyen-muc=1",
        {"status": "published", "category_id": 1},
    ),
    "posts by words": ("/quan-tri/tin-tuc?q=tiem+chung", {"status": "published"}),
    "posts by a rare word": ("/quan-tri/tin-tuc?q=so-7-duy-nhat", {}),
    "posts by the beginning of a word": ("/quan-tri/tin-tuc?q=tiem+chu", {"status": "published"}),
    "posts by a word of none": ("/quan-tri/tin-tuc?q=khongco", {}),
    "form": ("/quan-tri/tin-tuc/{post}", {}),
    "history": ("/quan-tri/tin-tuc/{post}/lich-su", {}),
    "before publishing": ("/quan-tri/tin-tuc/{post}/dang", {}),
    "preview": ("/quan-tri/tin-tuc/xem-truoc/post-{post}/trang", {}),
    "new post": ("/quan-tri/tin-tuc/viet", {}),
    "pictures": ("/quan-tri/hinh-anh", {}),
    "pictures by words": ("/quan-tri/hinh-anh?q=ngo+85", {}),
    "pictures by a rare word": ("/quan-tri/hinh-anh?q=anh-7-duy-nhat", {}),
    "one picture": ("/quan-tri/hinh-anh/{picture}", {}),
    "chooser": ("/quan-tri/hinh-anh/chon?q=ngo", {}),
}


def run() -> list[Row]:
    """Time each page on a small and a large instance, in turns, as an editor and as an author."""
    with tempfile.TemporaryDirectory() as name:
        small, large = (
            _site(Path(name) / str(share), share) for share in (1000, 1)
        )  # one thousandth, and all
        rows = []
        for role in ("editor", "author"):
            for what, (path, asked) in PAGES.items():
                if role == "author" and what in ("before publishing", "overview"):
                    continue
                _make_all(small, role, asked)
                ours, other = paired(
                    lambda r=role, p=path: _get(large, r, p),
                    lambda r=role, p=path: _get(small, r, p),
                    rounds=15,
                )
                rows.append(
                    Row(
                        f"newsroom, {role}, {what}: 20,000 : 20, ms",
                        f"{ours * 1000:.1f}",
                        f"{other * 1000:.1f}",
                        ours / other,
                        GOAL,
                        at_most=True,
                    )
                )
        return rows


@dataclass(frozen=True)
class _Site:
    app: Flask
    clients: dict[str, FlaskClient]
    places: dict[str, int]
    posts: list[dict[str, Any]]


def _site(folder: Path, share: int) -> _Site:
    servers.make_instance(folder)
    app = create_app(load_settings(folder, {}))
    now = datetime.now(UTC)
    with app.app_context():
        for role, officer in OFFICERS.items():
            add_user(officer, role, now, password=PASSWORD)
        with transaction() as session:
            places = _fill(session, POSTS // share, PICTURES // share, now)
        kept = select(Post.id, Post.status, Post.author_id, Post.category_id)
        posts = [dict(row) for row in db.session.execute(kept).mappings()]
        db.session.remove()
    clients = {role: _signed_in(app, name) for role, name in OFFICERS.items()}
    return _Site(app, clients, places, posts)


def _make_all(site: _Site, role: str, asked: dict[str, Any]) -> None:
    """Make every post as it was at first, or the officer's own and such as is asked for."""
    with site.app.app_context(), transaction() as session:
        own = {"author_id": _id_of(session, role)} if asked else {}
        session.execute(update(Post), [row | asked | own for row in site.posts])


def _id_of(session: Session, role: str) -> int:
    return session.scalars(select(User.id).where(User.name == OFFICERS[role])).one()


def _fill(session: Session, posts: int, pictures: int, now: datetime) -> dict[str, int]:
    author, editor = (_id_of(session, role) for role in ("author", "editor"))
    categories = list(session.scalars(select(Category.id)))
    session.execute(insert(Image), list(_pictures(pictures, author, now)))
    first = session.scalars(select(func.min(Image.id))).one()
    session.execute(
        insert(Post), list(_posts(posts, (author, editor, None), categories, first, now))
    )
    ids = list(session.scalars(select(Post.id).order_by(Post.id)))
    uses = [{"image_id": first + n, "owner": f"post:{ids[n % posts]}"} for n in range(pictures)]
    session.execute(insert(ImageUse), uses)
    old = {"number": 1, "at": now, "user_name": "bench", "title": "Tin", "body_html": "<p>Cũ.</p>"}
    session.execute(insert(PostRevision), [old | {"post_id": row} for row in ids])
    # A draft of the author's own, which both roles may open.
    return {"post": ids[3], "picture": first, "page": max(1, posts // 70)}


def _pictures(count: int, author: int, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(count):
        alt = f"Ngõ 85 phố Hạ Đình, ảnh-{number}-duy-nhất"
        yield {
            "name": f"{number:032x}.webp", "original_name": f"IMG_{number}.jpg", "alt": alt,
            "folded": folded_words(f"{alt} IMG_{number}.jpg"),
            "width": 1600, "height": 1000, "size": 9,
            "user_id": author, "created_at": now - timedelta(minutes=number),
        }  # fmt: skip


def _posts(
    count: int,
    authors: tuple[int | None, ...],
    categories: list[int],
    picture: int,
    now: datetime,
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        title = f"Lịch tiêm chủng của tổ dân phố, tin số-{number}-duy-nhất"
        status = STATES[number % len(STATES)]
        at = now - timedelta(minutes=number + 1)
        yield {
            "title": title, "title_folded": folded_words(title),
            "slug": f"tin-{number}", "summary": "Tóm.",
            "body_html": "<p>Nội dung của tin về công tác của phường.</p>" * 12, "status": status,
            "category_id": categories[number % len(categories)], "cover_id": picture + number,
            "published_at": at,
            "withdrawal_reason": "Sai" if status == "withdrawn" else "",
            "binned_at": at if status == "binned" else None,
            "author_id": authors[number % 3], "created_at": at, "updated_at": at,
        }  # fmt: skip


def _get(site: _Site, role: str, path: str) -> None:
    answer = site.clients[role].get(path.format(**site.places))
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")
