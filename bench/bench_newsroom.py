"""Every page of the newsroom with 20,000 posts and 30,000 pictures against 20 and 30."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from bench import servers
from bench.bench_documents import PASSWORD, _signed_in
from bench.row import Row, paired
from wardsite.accounts.service import add_user
from wardsite.application import create_app
from wardsite.core.text import fold
from wardsite.extensions import transaction
from wardsite.models import Category, Image, ImageUse, Post, PostRevision, User
from wardsite.settings import load_settings

GOAL = 1.5
POSTS, PICTURES = 20_000, 30_000
STATES = ("published", "published", "published", "draft", "submitted", "withdrawn", "binned")
PAGES = {
    "overview": "/quan-tri",
    "posts": "/quan-tri/tin-tuc",
    "posts, page 300 of many": "/quan-tri/tin-tuc?trang={page}",
    "posts to approve": "/quan-tri/tin-tuc?trang-thai=submitted",
    "posts published": "/quan-tri/tin-tuc?trang-thai=published",
    "posts in the bin": "/quan-tri/tin-tuc?trang-thai=binned",
    "own posts": "/quan-tri/tin-tuc?cua-toi=1",
    "posts of a category": "/quan-tri/tin-tuc?chuyen-muc=1",
    "posts by words": "/quan-tri/tin-tuc?q=tiem+chung",
    "posts by a rare word": "/quan-tri/tin-tuc?q=so-7-duy-nhat",
    "form": "/quan-tri/tin-tuc/{post}",
    "history": "/quan-tri/tin-tuc/{post}/lich-su",
    "before publishing": "/quan-tri/tin-tuc/{post}/dang",
    "preview": "/quan-tri/tin-tuc/xem-truoc/post-{post}/trang",
    "new post": "/quan-tri/tin-tuc/viet",
    "pictures": "/quan-tri/hinh-anh",
    "pictures by words": "/quan-tri/hinh-anh?q=ngo+85",
    "pictures by a rare word": "/quan-tri/hinh-anh?q=anh-7-duy-nhat",
    "one picture": "/quan-tri/hinh-anh/{picture}",
    "chooser": "/quan-tri/hinh-anh/chon?q=ngo",
}


def run() -> list[Row]:
    """Time each page on a small and a large instance, in turns, as an editor and as an author."""
    with tempfile.TemporaryDirectory() as name:
        small, large = (
            _site(Path(name) / str(share), share) for share in (1000, 1)
        )  # one thousandth, and all
        rows = []
        for role in ("editor", "author"):
            for what, path in PAGES.items():
                if role == "author" and what in ("before publishing", "overview"):
                    continue
                ours, other = paired(
                    lambda r=role, p=path: _get(large, r, p),
                    lambda r=role, p=path: _get(small, r, p),
                    rounds=9,
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


class _Site:
    def __init__(self, clients: dict[str, FlaskClient], places: dict[str, int]) -> None:
        self.clients, self.places = clients, places


def _site(folder: Path, share: int) -> _Site:
    servers.make_instance(folder)
    app = create_app(load_settings(folder, {}))
    now = datetime.now(UTC)
    clients = {}
    with app.app_context():
        add_user("bench-author", "author", now, password=PASSWORD)
        add_user("bench", "editor", now, password=PASSWORD)
        with transaction() as session:
            places = _fill(session, POSTS // share, PICTURES // share, now)
    clients["editor"] = _signed_in(app)
    clients["author"] = _signed_in(app, "bench-author")
    return _Site(clients, places)


def _fill(session: Session, posts: int, pictures: int, now: datetime) -> dict[str, int]:
    author = session.scalars(select(User.id).where(User.name == "bench-author")).one()
    categories = list(session.scalars(select(Category.id)))
    session.execute(insert(Image), list(_pictures(pictures, author, now)))
    first = session.scalars(select(func.min(Image.id))).one()
    session.execute(insert(Post), list(_posts(posts, author, categories, first, now)))
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
            "folded": fold(f"{alt} IMG_{number}.jpg"), "width": 1600, "height": 1000, "size": 9,
            "user_id": author, "created_at": now - timedelta(minutes=number),
        }  # fmt: skip


def _posts(
    count: int, author: int, categories: list[int], picture: int, now: datetime
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        title = f"Lịch tiêm chủng của tổ dân phố, tin số-{number}-duy-nhất"
        status = STATES[number % len(STATES)]
        at = now - timedelta(minutes=number + 1)
        yield {
            "title": title, "title_folded": fold(title), "slug": f"tin-{number}", "summary": "Tóm.",
            "body_html": "<p>Nội dung của tin về công tác của phường.</p>" * 12, "status": status,
            "category_id": categories[number % len(categories)], "cover_id": picture + number,
            "published_at": at if status in ("published", "withdrawn") else None,
            "withdrawal_reason": "Sai" if status == "withdrawn" else "",
            "binned_at": at if status == "binned" else None,
            "author_id": author if number % 3 == 0 else None, "created_at": at, "updated_at": at,
        }  # fmt: skip


def _get(site: _Site, role: str, path: str) -> None:
    answer = site.clients[role].get(path.format(**site.places))
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")
