"""Passkeys in Chromium with its virtual device: made, used both ways, named and removed."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.served import PHONE, axe_faults, press, serving, sign_in
from tests.conftest import PASSWORD
from tests.terminal import free_port
from wardsite.settings import Settings

pytestmark = pytest.mark.browser

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_an_officer_makes_a_passkey_and_signs_in_with_it_both_ways(
    settings: Settings, chromium: Browser, tmp_path: Path
) -> None:
    port = free_port()
    site = f"http://localhost:{port}"
    context = chromium.new_context(viewport=PHONE, locale="vi-VN")
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    with serving(settings.instance, port, WARDSITE_BASE_URL=site):
        sign_in(page, site, "the-author", PASSWORD)
        page.goto(f"{site}/quan-tri/tai-khoan")
        assert axe_faults(page) == []
        press(page, page.get_by_role("link", name="Thêm khóa truy cập"))
        expect(page.get_by_text("Trình duyệt này không tạo được")).to_be_hidden()
        assert axe_faults(page) == []
        page.get_by_label("Tên khóa truy cập").fill("Điện thoại của Hòa")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Thẻ cứu hộ")).to_be_visible()
        assert axe_faults(page) == []
        # The device holds one already, and says so.
        page.goto(f"{site}/quan-tri/tai-khoan/khoa-truy-cap")
        page.get_by_label("Tên khóa truy cập").fill("Lần nữa")
        page.get_by_role("button", name="Tạo khóa truy cập").click()
        expect(page.get_by_text("Thiết bị này đã có khóa truy cập")).to_be_visible()
        context.clear_cookies()
        page.goto(f"{site}/dang-nhap")
        assert axe_faults(page) == []
        press(page, page.get_by_role("button", name="Đăng nhập bằng khóa truy cập"))
        page.wait_for_url(f"{site}/quan-tri")
        context.clear_cookies()
        sign_in(page, site, "the-author", PASSWORD)
        expect(page.get_by_role("heading", name="Bước thứ hai")).to_be_visible()
        assert axe_faults(page) == []
        press(page, page.get_by_role("button", name="Dùng khóa truy cập"))
        page.wait_for_url(f"{site}/quan-tri")
        # A finger that the device does not know: the page says so and stays.
        context.clear_cookies()
        who = {"authenticatorId": device["authenticatorId"], "isUserVerified": False}
        devices.send("WebAuthn.setUserVerified", who)
        page.goto(f"{site}/dang-nhap")
        page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
        expect(page.get_by_text("Thiết bị không đưa ra khóa truy cập")).to_be_visible()
        devices.send("WebAuthn.setUserVerified", {**who, "isUserVerified": True})
        page.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
        page.wait_for_url(f"{site}/quan-tri")
        page.goto(f"{site}/quan-tri/tai-khoan")
        row = page.get_by_role("row").filter(has_text="Điện thoại của Hòa")
        press(page, row.get_by_role("button", name="Xóa"))
        expect(page.get_by_text("Đã xóa khóa truy cập")).to_be_visible()
        context.close()
    assert faults == []
