"""Samples for trying the site out; every one says that it is a sample."""

from datetime import datetime, timedelta

from sqlalchemy import select

from wardsite.core.errors import N_, WardsiteError
from wardsite.core.text import slugify
from wardsite.extensions import db, transaction
from wardsite.models import Category, Post

MARK = "[MẪU]"

SAMPLES = (
    (
        "thong-bao",
        "Lịch tiếp công dân trong tháng",
        "Bài mẫu cho thấy một thông báo có bảng. Khi viết thật, thay bằng lịch của đơn vị.",
        "<p>Đây là <strong>bài mẫu</strong>, không phải thông báo thật.</p>"
        '<table><thead><tr><th scope="col">Ngày</th><th scope="col">Người tiếp</th>'
        '<th scope="col">Địa điểm</th></tr></thead><tbody><tr><td>(ngày)</td><td>(họ tên)</td>'
        "<td>(phòng)</td></tr></tbody></table>",
    ),
    (
        "tin-tuc-su-kien",
        "Tin hoạt động của đơn vị",
        "Bài mẫu cho thấy một tin thường, có đề mục và danh sách.",
        "<p>Đây là <strong>bài mẫu</strong>, không phải tin thật.</p><h2>Đề mục</h2>"
        "<p>Mỗi đoạn nên nói một ý.</p><ul><li>Ý thứ nhất</li><li>Ý thứ hai</li></ul>",
    ),
    (
        "covid-19",
        "Hướng dẫn người dân cài đặt ứng dụng Bluezone",
        "Bài mẫu trong mục Phòng, chống dịch Covid-19.",
        "<p>Đây là <strong>bài mẫu</strong>. Đường dẫn của ứng dụng: "
        '<a href="https://www.bluezone.gov.vn/">www.bluezone.gov.vn</a>.</p>',
    ),
)


class NotEmptyError(WardsiteError):
    """The instance has posts of its own; samples would stand among real news."""


def add_samples(now: datetime) -> int:
    """Add the samples to an empty instance and return how many. Raises NotEmptyError."""
    if db.session.scalar(select(Post.id).limit(1)) is not None:
        raise NotEmptyError(
            N_("The site already has posts; sample content is only for an empty site.")
        )
    with transaction() as session:
        categories = {row.slug: row.id for row in session.scalars(select(Category))}
        for age, (category, title, summary, body) in enumerate(SAMPLES):
            at = now - timedelta(hours=age + 1)
            session.add(
                Post(
                    title=f"{MARK} {title}",
                    slug=slugify(f"mau {title}", fallback="mau"),
                    summary=f"{MARK} {summary}",
                    body_html=body,
                    category_id=categories.get(category) or min(categories.values()),
                    status="published",
                    sample=True,
                    published_at=at,
                    created_at=at,
                    updated_at=at,
                )
            )
    return len(SAMPLES)
