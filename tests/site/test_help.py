"""Guides within reach of every officers' page, and a tour that is seen once."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from PIL import Image

import wardsite
from tests.page import Browser
from wardsite.site.guides import GUIDES, PICTURE_SIZE, TOUR

PICTURES = Path(wardsite.__file__).parent / "static" / "help"
MOST_BYTES = 600_000  # of all pictures together: they are part of every installation
DASHBOARD = "/quan-tri"


def test_each_officers_page_leads_to_its_guide(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("admin")
    wanted = {
        "/tin-tuc/viet": "Viết và đăng bài",
        "/tin-tuc/mau": "Viết theo mẫu",
        "/hinh-anh": "Hình ảnh",
        "/van-ban": "Tải văn bản lên",
        "/phan-anh": "Trả lời phản ánh của người dân",
        "/nguon-tin": "Tin từ các nguồn chính thức",
        "/chi-dao": "Nội dung cấp trên yêu cầu",
        "/tai-khoan": "Tài khoản và mật khẩu",
        "/cai-dat": "Trang thông tin và cán bộ",
        "": "Trợ giúp",
    }
    for path, title in wanted.items():
        page = browser.get(DASHBOARD + path)
        links = {link["href"] for link in page.all("a") if link.text == "Trợ giúp"}
        assert len(links) == 1, path
        assert browser.get(links.pop()).one("h1").text == title, path


def test_every_guide_is_short_and_its_pictures_are_there(
    signed_in: Callable[[str], Browser],
) -> None:
    browser = signed_in("admin")
    shown = set()
    for item in GUIDES:
        page = browser.get(f"/quan-tri/tro-giup/{item.id}")
        assert 2 <= len(item.steps) <= 6
        for image in page.one("main").all("img"):
            assert image["alt"]
            assert browser.get(image["src"]).response.mimetype == "image/webp"
        shown |= {step.picture for step in item.steps if step.picture}
    files = {path.stem: path for path in PICTURES.glob("*.webp")}
    assert set(files) == shown
    assert sum(path.stat().st_size for path in files.values()) < MOST_BYTES
    for path in files.values():
        with Image.open(path) as image:
            assert image.size == PICTURE_SIZE
    english = browser.get("/en/quan-tri/tro-giup/dang-tin").text
    assert "The pictures show the Vietnamese interface." in english
    assert browser.get("/quan-tri/tro-giup/khong-co", status=404)


def test_an_author_is_offered_only_the_guides_of_an_author(
    signed_in: Callable[[str], Browser],
) -> None:
    offered = signed_in("author").get("/quan-tri/tro-giup").text
    assert "Viết và đăng bài" in offered
    assert "Trang thông tin và cán bộ" not in offered


def test_the_tour_has_at_most_five_steps_and_does_not_come_back(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    assert len(TOUR) <= 5
    browser = signed_in("author")
    page = browser.get(DASHBOARD)
    for number in range(1, len(TOUR) + 1):
        tour = page.one("section", id="tour")
        assert f"bước {number}/{len(TOUR)}" in tour.text
        following = [link["href"] for link in tour.all("a") if link.text == "Bước tiếp"]
        assert bool(following) == (number < len(TOUR))
        if following:
            page = browser.get(following[0].partition("#")[0])
    browser.post("/quan-tri/tro-giup/lam-quen/xong", page=DASHBOARD)
    assert not browser.get(DASHBOARD).all("section", id="tour")
    again = signed_in("author")
    assert not again.get(f"{DASHBOARD}?buoc=2").all("section", id="tour")
    assert signed_in("editor").get(f"{DASHBOARD}?buoc=999").one("section", id="tour")
