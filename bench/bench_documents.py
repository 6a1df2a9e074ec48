"""Lists, filters and forms with 5,000 documents against the same with 20."""

import re
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from bench import servers
from bench.row import Row, paired
from wardsite.accounts.service import add_user
from wardsite.application import create_app
from wardsite.core.official_document import code_folded
from wardsite.extensions import transaction
from wardsite.models import Attachment, Document
from wardsite.settings import load_settings

PASSWORD = "mot-mat-khau-de-do"  # noqa: S105
GOAL = 1.5
LAST = date(2025, 12, 31)
PAGES = {
    "public list": "/van-ban?q=",
    "public list, by kind and year": "/van-ban?loai=quyet-dinh&nam=2025&q=",
    "public list, by issuer and topic": "/van-ban?co-quan=Đơn+vị+3&chu-de=covid-19&q=",
    "public search by number": "/van-ban?q=17/QD-UBND",
    "officers' list": "/quan-tri/van-ban",
    "officers' list, drafts by words": "/quan-tri/van-ban?trang-thai=draft&q=17/QD",
    "editor's choice": "/quan-tri/van-ban/chon?q=",
    "editor's choice by number": "/quan-tri/van-ban/chon?q=17/QD",
    "new form": "/quan-tri/van-ban/them",
    "dashboard": "/quan-tri",
    "form": "/quan-tri/van-ban/{first}",
}


def run() -> list[Row]:
    """Time each page on a small and a large instance, in turns."""
    with tempfile.TemporaryDirectory() as name:
        small, large = (_site(Path(name) / str(count), count) for count in (20, 5000))
        rows = []
        for what, path in PAGES.items():
            ours, other = paired(lambda p=path: _get(*large, p), lambda p=path: _get(*small, p))
            ratio = ours / other
            rows.append(
                Row(
                    f"documents, {what}: 5,000 : 20, ms",
                    f"{ours * 1000:.1f}",
                    f"{other * 1000:.1f}",
                    ratio,
                    GOAL,
                    at_most=True,
                )
            )
        return rows


def _site(folder: Path, count: int) -> tuple[FlaskClient, int]:
    servers.make_instance(folder)
    app = create_app(load_settings(folder, {}))
    with app.app_context():
        add_user("bench", "editor", datetime.now(UTC), password=PASSWORD)
        first = _fill(count)
    return _signed_in(app), first


def _fill(count: int) -> int:
    now, kinds = datetime.now(UTC), ("quyet-dinh", "thong-bao", "ke-hoach", "cong-van")
    words = "Nội dung của văn bản về công tác của phường trong năm. " * 200
    with transaction() as session:
        for number in range(count):
            code = f"{number + 1}/QĐ-UBND"
            row = Document(
                slug=f"van-ban-{number}", kind=kinds[number % 4], number=str(number + 1),
                symbol="QĐ-UBND", code=code, code_folded=code_folded(code),
                issuer=f"Đơn vị {number % 7}", issued_on=LAST - timedelta(number % 900),
                summary=f"Về việc số {number}", created_at=now, updated_at=now,
                status="draft" if number % 50 == 7 else "published",
                topics=["covid-19"] if number % 9 == 0 else [],
            )  # fmt: skip
            session.add(row)
            session.flush()
            session.add(
                Attachment(
                    document_id=row.id,
                    name="x.pdf",
                    title="x.pdf",
                    kind="pdf",
                    size=1,
                    order=0,
                    created_at=now,
                    text_state="done",
                    text=words,
                )
            )
        session.flush()
        return row.id


def _signed_in(app: Flask, name: str = "bench") -> FlaskClient:
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/dang-nhap").text)
    data = {"csrf_token": token[1] if token else "", "name": name, "password": PASSWORD}
    client.post("/dang-nhap", data=data)
    return client


def _get(client: FlaskClient, first: int, path: str) -> None:
    answer = client.get(path.format(first=first))
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")
