"""What residents, programs and officers see of the centre."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.central.centre import NOW, Centre, district, reply, stamp
from tests.central.conftest import UnitUnderTest
from tests.conftest import PASSWORD
from tests.page import Browser, Page
from wardsite.accounts.service import add_user
from wardsite.central import service
from wardsite.extensions import db
from wardsite.models import Document, Source

MakeUnit = Callable[..., UnitUnderTest]
LONG_AGO = datetime(2020, 8, 12, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The pages read the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def fresh(make_unit: MakeUnit, centre: Centre, now: datetime) -> UnitUnderTest:
    """A unit that took its first revision just now."""
    unit = make_unit()
    centre.publish(current(1, now))
    unit.sync(now)
    return unit


def current(revision: int, now: datetime, extra: str = "", **changes: Any) -> bytes:
    times = {
        "issued_at": stamp(now - timedelta(days=2)),
        "effective_from": stamp(now - timedelta(days=2)),
        "expires_at": stamp(now + timedelta(days=90)),
    }
    return district(revision, extra, **(times | changes))


def officer(unit: UnitUnderTest, role: str) -> Browser:
    with unit.app.app_context():
        add_user(f"the-{role}", role, datetime.now(UTC), password=PASSWORD)
    browser = Browser(unit.app)
    browser.sign_in(f"the-{role}", PASSWORD)
    return browser


def report(unit: UnitUnderTest) -> dict[str, Any]:
    response = unit.app.test_client().get("/.well-known/wardsite.json")
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert "no-store" in response.headers["Cache-Control"]
    found: dict[str, Any] = response.json
    return found


def test_status_for_programs_says_what_is_in_force_and_on_show(
    fresh: UnitUnderTest, now: datetime
) -> None:
    found = report(fresh)
    assert found["unit"] == {"id": "ha-dinh", "kind": "ward"}
    assert found["software"]["name"] == "wardsite"
    assert (found["config"]["id"], found["config"]["revision"]) == ("thanh-xuan", 1)
    assert datetime.fromisoformat(found["config"]["applied_at"]) == now.replace(microsecond=0)
    assert datetime.fromisoformat(found["contact"]["last"]) == now.replace(microsecond=0)
    assert found["items"]["mandated"] == found["items"]["on_show"]
    assert "banners/bluezone" in found["items"]["on_show"]
    assert found["contact"]["alarms"] == []
    assert found["posts"] == {"count": 0, "newest": []}
    assert found["documents"] == {"count": 1, "newest": ["2020-08-12"]}


def test_status_for_programs_names_no_officer(fresh: UnitUnderTest) -> None:
    officer(fresh, "admin").post("/quan-tri/chi-dao/dong-bo", page="/quan-tri/chi-dao")
    text = str(report(fresh))
    assert "the-admin" not in text
    assert str(fresh.settings.instance) not in text


def test_status_before_any_revision(make_unit: MakeUnit) -> None:
    unit = make_unit()
    found = report(unit)
    assert found["config"] is None
    assert found["items"]["on_show"] == [
        "banners/bluezone",
        "topics/covid-19",
        "sources/moh",
        "sources/suckhoedoisong",
        "sources/soyte-hanoi",
    ]
    assert found["contact"]["alarms"] == ["never"]
    text = Browser(unit.app).get("/tinh-trang").text
    assert "Đang hiển thị 5/5 nội dung bắt buộc" in text
    Browser(unit.app).get("/don-vi", status=404)


def test_status_page_says_it_in_plain_words(fresh: UnitUnderTest) -> None:
    page = Browser(fresh.app).get("/tinh-trang")
    assert "Đang hiển thị 3/3 nội dung bắt buộc" in page.text
    assert "UBND quận Thanh Xuân" in page.text
    assert Browser(fresh.app).get("/en/tinh-trang").status == 200


def test_trouble_reaches_officers_and_programs_but_no_resident(
    fresh: UnitUnderTest, centre: Centre, now: datetime
) -> None:
    centre.publish(current(1, now, title='"Khác"'))
    browser = officer(fresh, "admin")
    page = browser.post("/quan-tri/chi-dao/dong-bo", page="/quan-tri/chi-dao")
    assert page.all("div", class_="flash error")
    assert report(fresh)["contact"]["refusal"] == "SameRevisionOtherBytesError"
    assert "refused" in report(fresh)["contact"]["alarms"]
    dashboard = browser.get("/quan-tri")
    assert dashboard.all("div", class_="flash error")
    for path in ("/", "/tinh-trang", "/van-ban"):
        resident = Browser(fresh.app).get(path)
        assert not resident.all("div", class_="flash error")


def test_officers_see_why_each_item_is_there_and_until_when(
    fresh: UnitUnderTest, centre: Centre, now: datetime
) -> None:
    end = now + timedelta(days=3)
    centre.publish(current(2, now, f"valid_to = {stamp(end)}"))
    fresh.sync(now)
    page = officer(fresh, "author").get("/quan-tri/chi-dao")
    rows = {row.one("b").text: row for row in page.one("ul", class_="locked").all("li")}
    assert set(rows) == {
        "Cài đặt ứng dụng Bluezone", "Thông báo của bản số 2", "1208/UBND-VHTT",
    }  # fmt: skip
    notice = rows["Thông báo của bản số 2"]
    assert any(
        datetime.fromisoformat(time["datetime"]) == end.replace(microsecond=0)
        for time in notice.all("time")
    )
    (basis,) = [a for a in notice.all("a") if "/van-ban/" in a["href"]]
    assert "1208/UBND-VHTT" in basis.text
    assert Browser(fresh.app).get(basis["href"]).status == 200


def test_officers_read_what_the_last_revision_changed(
    fresh: UnitUnderTest, centre: Centre, now: datetime
) -> None:
    centre.publish(current(2, now, 'audience = ["ward", "unit:ha-dinh"]'))
    fresh.sync(now)
    page = officer(fresh, "author").get("/quan-tri/chi-dao")
    before = [node.text for node in page.all("del")]
    after = [node.text for node in page.all("ins")]
    assert any(text.endswith("tất cả các đơn vị") for text in before)
    assert any(text.endswith("phường, xã, ha-dinh") for text in after)
    assert any(text.endswith("Thông báo của bản số 1") for text in before)
    assert any(text.endswith("Thông báo của bản số 2") for text in after)


def test_officers_read_codes_of_the_file_in_words(
    fresh: UnitUnderTest, centre: Centre, now: datetime
) -> None:
    centre.publish(current(2, now).replace(b'severity = "info"', b'severity = "urgent"'))
    fresh.sync(now)
    page = officer(fresh, "author").get("/quan-tri/chi-dao")
    assert any(text.endswith("Thông báo khẩn") for text in (n.text for n in page.all("ins")))
    assert not any("urgent" in node.text for node in page.all("ins"))


def test_only_an_admin_may_ask_for_a_sync(fresh: UnitUnderTest) -> None:
    browser = officer(fresh, "editor")
    page = browser.get("/quan-tri/chi-dao")
    assert not [form for form in page.all("form") if form["action"].endswith("/dong-bo")]
    token = page.all("input", name_="csrf_token")[0]["value"]
    response = browser.client.post("/quan-tri/chi-dao/dong-bo", data={"csrf_token": token})
    assert response.status_code == 403


def test_admin_syncs_from_the_page_and_sees_it_at_once(
    fresh: UnitUnderTest, centre: Centre, now: datetime
) -> None:
    centre.publish(current(2, now))
    browser = officer(fresh, "admin")
    page = browser.post("/quan-tri/chi-dao/dong-bo", page="/quan-tri/chi-dao")
    assert page.all("div", class_="flash success")
    assert "Thông báo của bản số 2" in page.text
    assert "Thông báo của bản số 2" in Browser(fresh.app).get("/").text


def test_unreachable_centre_is_told_to_the_admin(fresh: UnitUnderTest, centre: Centre) -> None:
    centre.serve("/district.toml", reply(b"", "503 Busy"))
    page = officer(fresh, "admin").post("/quan-tri/chi-dao/dong-bo", page="/quan-tri/chi-dao")
    assert "503" in page.text


def test_page_of_the_units_lists_them_and_marks_this_one(
    fresh: UnitUnderTest, centre: Centre, now: datetime
) -> None:
    extra = """
[[units]]
id = "ha-dinh"
kind = "ward"
name = "UBND phường Hạ Đình"
[[units]]
id = "khuong-mai"
kind = "ward"
name = "UBND phường Khương Mai"
url = "https://khuongmai.example.vn/"
[[units]]
id = "thcs-mau"
kind = "school"
name = "Trường THCS Mẫu"
"""
    centre.publish(current(2, now, extra))
    fresh.sync(now)
    page = Browser(fresh.app).get("/don-vi")
    assert "UBND phường Hạ Đình" in page.one("main").text
    assert "Trường THCS Mẫu" in page.one("main").text
    (link,) = [a for a in page.one("main").all("a") if "khuongmai" in a["href"]]
    assert "UBND phường Khương Mai" in link.text


def test_example_instance_shows_every_mandated_item(client: Browser) -> None:
    assert "12/12" in client.get("/tinh-trang").text


def test_pages_of_a_unit_whose_files_are_all_damaged_still_open(fresh: UnitUnderTest) -> None:
    for path in Path(fresh.folder).glob("*.toml"):
        path.write_bytes(b"rotten")
    again = fresh.restart()
    for path in ("/", "/tinh-trang", "/van-ban", "/covid-19"):
        Browser(again.app).get(path)


EVERY_KIND = """
[[topics]]
id = "covid-19"
label = "Phòng, chống dịch Covid-19"
slug = "covid-19"
mandatory = true
[[apps]]
id = "smartcity"
name = "Hà Nội SmartCity"
purpose = "Khai báo y tế"
mandatory = true
[[sources]]
id = "bo-y-te"
name = "Cổng Bộ Y tế"
site_url = "https://moh.gov.vn/"
mode = "link"
[[hotlines]]
id = "cdc"
label = "CDC Hà Nội"
number = "0969082115"
display = "0969.082.115"
[[links]]
id = "chinh-phu"
label = "Cổng Chính phủ"
url = "https://chinhphu.vn/"
mandatory = true
"""


@pytest.fixture
def laden(fresh: UnitUnderTest, centre: Centre, now: datetime) -> UnitUnderTest:
    """A unit on whose site an item of every kind is on order."""
    centre.publish(current(2, now, EVERY_KIND))
    fresh.sync(now)
    return fresh


def names_the_dispatch(page: Page) -> bool:
    """Tell whether a page names the dispatch, by a link that opens it."""
    links = [a for a in page.one("main").all("a") if "1208/UBND-VHTT" in a.text]
    return bool(links) and all("/van-ban/1208-ubnd-vhtt" in a["href"] for a in links)


def test_a_refused_edit_says_which_dispatch_orders_the_item(laden: UnitUnderTest) -> None:
    browser, before = officer(laden, "admin"), laden.snapshot()
    with laden.app.app_context():
        (document,) = db.session.scalars(select(Document.id))
        (source,) = db.session.scalars(select(Source.id))
        items = [(entry.section, entry.item.id) for entry in service.ordered_items(NOW)]
    assert {section for section, _ in items} == {
        "banners", "notices", "apps", "topics", "sources", "hotlines", "links", "documents",
    }  # fmt: skip
    paper, feed = f"/quan-tri/van-ban/{document}", f"/quan-tri/nguon-tin/nguon/{source}"
    own = [f"/quan-tri/chi-dao/{section}/{name}" for section, name in items]
    refused = [paper, f"{paper}/dang", f"{paper}/go", f"{paper}/xoa", feed, f"{feed}/xoa", *own]
    for path in refused:
        page = browser.post(path, 403, page="/quan-tri/van-ban/them", name="Khác")
        assert names_the_dispatch(page), path
        assert "Không có gì bị thay đổi" in page.text, path
    for path in (paper, f"{paper}/xoa", feed, f"{feed}/xoa"):
        assert names_the_dispatch(browser.get(path, status=403)), path
    for path in own:
        assert names_the_dispatch(browser.get(path)), path
    assert laden.snapshot() == before
    browser.get("/quan-tri/chi-dao/banners/khong-co", status=404)
    browser.get("/quan-tri/chi-dao/khong-co/bluezone", status=404)


def test_each_desk_shows_what_stands_before_its_own_and_by_which_dispatch(
    laden: UnitUnderTest,
) -> None:
    browser = officer(laden, "admin")
    for path in ("/quan-tri/trang/lien-ket", "/quan-tri/cai-dat"):
        locked = browser.get(path).one("ul", class_="locked")
        for title in ("Cài đặt ứng dụng Bluezone", "Phòng, chống dịch Covid-19", "Cổng Bộ Y tế",
                      "Hà Nội SmartCity", "CDC Hà Nội: 0969.082.115",
                      "Cổng Chính phủ"):  # fmt: skip
            (row,) = [row for row in locked.all("li") if row.one("b").text == title]
            assert [a for a in row.all("a") if "1208/UBND-VHTT" in a.text], (path, title)
            browser.get(row.one("b").one("a")["href"])
    for path in ("/quan-tri/van-ban", "/quan-tri/nguon-tin/nguon"):
        why = [a for a in browser.get(path).all("a") if a.text.startswith("Vì sao không sửa")]
        assert why, path
        assert names_the_dispatch(browser.get(why[0]["href"])), path


def test_before_any_file_the_built_in_dispatch_is_named(make_unit: MakeUnit) -> None:
    page = officer(make_unit(), "author").get("/quan-tri/chi-dao/banners/bluezone")
    assert "công văn được dựng sẵn trong phần mềm" in page.text.lower()
