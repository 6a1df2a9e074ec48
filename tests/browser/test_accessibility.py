"""WCAG 2.2 AA as far as a program can tell: every page and state, any colours, any text size."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.full_desk import fill
from tests.browser.places import ARTICLE, MORE_PUBLIC, pages
from tests.browser.served import PHONE, document_path, serving, sign_in
from tests.conftest import PASSWORD
from tests.page import Browser as LocalBrowser
from tests.terminal import wardsite
from wardsite.accounts import second_factor
from wardsite.application import create_app
from wardsite.extensions import db, transaction
from wardsite.models import Headline, Source, User
from wardsite.settings import load_settings
from wardsite.site.themes import THEMES

pytestmark = pytest.mark.browser

SECRET = "JBSWY3DPEHPK3PXP" * 2
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def faults(page: Page, **but: bool) -> list[str]:
    """What axe finds with the rules of WCAG 2.2 too, which it leaves out by itself."""
    rules = {name.replace("_", "-"): {"enabled": wanted} for name, wanted in but.items()}
    found = Axe().run(page, options=RULES | {"rules": rules}).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


@pytest.fixture(scope="module")
def instance(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office in full use: every list filled, headlines waiting, an editor with two factors."""
    folder = tmp_path_factory.mktemp("full") / "instance"
    shutil.copytree(pristine, folder)
    assert wardsite(folder, "demo").returncode == 0
    fill(folder)
    app = create_app(load_settings(folder, {}))
    now = datetime.now(UTC)
    with app.app_context():
        editor = db.session.query(User).filter_by(name="the-editor").one()
        second_factor.enable(editor, SECRET, pyotp.TOTP(SECRET).at(now), now)
        with transaction() as session:
            source = session.query(Source).filter_by(central_id="suckhoedoisong").one()
            for number in range(3):
                names = dict.fromkeys(("key", "link", "link_key"), f"https://x.vn/{number}")
                times = dict.fromkeys(("published_at", "first_seen_at", "last_seen_at"), now)
                title = f"Tin chờ duyệt số {number + 1}"
                session.add(Headline(source_id=source.id, title=title, **names, **times))
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def site(instance: Path) -> Iterator[str]:
    """The address of that office's site."""
    with serving(instance) as url:
        yield url


@pytest.fixture
def officer(chromium: Browser, site: str) -> Iterator[Page]:
    """A signed-in administrator's page on a desk."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, site, "the-admin", PASSWORD)
    yield page
    context.close()


# Colours do not depend on the width: two rounds see both schemes and both layouts.
ROUNDS = [("light", 1280), ("dark", 320)]


@pytest.mark.parametrize(("scheme", "width"), ROUNDS)
def test_axe_finds_nothing_on_any_public_page(
    site: str, page: Page, client: LocalBrowser, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 640})
    listed = pages(client, officers=False)
    assert len(listed) >= 17
    for path in (*listed, *MORE_PUBLIC, document_path(page, site)):
        page.goto(f"{site}{path}")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize(("scheme", "width"), ROUNDS)
def test_axe_finds_nothing_on_any_officers_page(
    site: str, officer: Page, signed_in: Callable[[str], LocalBrowser], scheme: str, width: int
) -> None:
    officer.emulate_media(color_scheme=scheme)
    officer.set_viewport_size({"width": width, "height": 640})
    listed = pages(signed_in("admin"), officers=True)
    assert len(listed) >= 24
    officer.goto(f"{site}/quan-tri/tin-tuc")
    edit = str(officer.locator("table a").first.get_attribute("href"))
    for path in (*listed, edit, f"{edit}/xem-truoc", f"{edit}/xoa", "/en/quan-tri"):
        officer.goto(f"{site}{path}")
        assert faults(officer) == [], path
        assert officer.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_a_menu_is_open(
    site: str, page: Page, officer: Page, scheme: str
) -> None:
    for shown, path, menu in ((page, "/", "#menu"), (officer, "/quan-tri", "#side")):
        shown.emulate_media(color_scheme=scheme)
        shown.set_viewport_size(PHONE)
        shown.goto(f"{site}{path}")
        shown.locator(f"[popovertarget={menu[1:]}]").first.click()
        expect(shown.locator(menu)).to_be_visible()
        assert faults(shown) == [], path


def test_axe_finds_nothing_on_the_second_step_of_signing_in(site: str, page: Page) -> None:
    sign_in(page, site, "the-editor", PASSWORD)
    expect(page.locator("main h1")).to_be_visible()
    assert page.locator("main input:not([type=hidden])").count() >= 1
    assert faults(page) == []


def test_axe_finds_nothing_in_forced_colours(site: str, page: Page) -> None:
    page.emulate_media(forced_colors="active")
    for path in ("/", "/covid-19", ARTICLE):
        page.goto(f"{site}{path}")
        # The colours are then the system's own, which axe reads off the style sheet instead.
        assert faults(page, color_contrast=False) == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_errors_are_shown(
    site: str, page: Page, officer: Page, scheme: str
) -> None:
    for shown, path in (
        (page, "/dang-nhap"),
        (page, "/phan-anh"),
        (officer, "/quan-tri/tin-tuc/viet"),
        (officer, "/quan-tri/van-ban/them"),
    ):
        shown.emulate_media(color_scheme=scheme)
        shown.goto(f"{site}{path}")
        shown.locator("main form[novalidate]").first.evaluate("form => form.requestSubmit()")
        expect(shown.locator("#errors")).to_be_visible()
        assert faults(shown) == [], path


def test_no_theme_has_too_little_contrast(site: str, page: Page) -> None:
    colours = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{site}/covid-19")
        for theme in THEMES:
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme.id)
            found = Axe().run(page, options=colours).response["violations"]
            assert found == [], (theme.id, scheme)


def test_text_at_twice_the_size_stays_on_the_page(
    site: str, page: Page, client: LocalBrowser
) -> None:
    page.set_viewport_size({"width": 640, "height": 800})
    for path in (*pages(client, officers=False), *MORE_PUBLIC, document_path(page, site)):
        page.goto(f"{site}{path}")
        page.evaluate("document.documentElement.style.fontSize = '212.5%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path


def test_nothing_moves_for_those_who_ask_for_stillness(site: str, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{site}/")
    moving = """[...document.querySelectorAll("*")].filter((node) => {
      const style = getComputedStyle(node);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
    }).length"""
    assert page.evaluate(moving) == 0


def test_vietnamese_says_that_it_is_on_an_english_page(site: str, page: Page) -> None:
    page.goto(f"{site}/en{ARTICLE}")
    for place in ("h1", ".prose", ".brand-name span", "[data-slot=bluezone] a"):
        language = page.locator(place).first.evaluate("node => node.closest('[lang]').lang")
        assert language == "vi", place
    go = page.locator("[data-slot=bluezone] .banner-go-text").first
    assert go.evaluate("node => node.closest('[lang]').lang") == "en"
    assert page.locator("[lang='']").count() == 0
    page.goto(f"{site}/en/tim-kiem?q=covid")
    assert page.locator(".posts .hit a").count() > 0
    for place in (".posts .hit a", ".posts li > p:last-child"):
        for found in page.locator(place).all():
            assert found.get_attribute("lang") == "vi", place
    assert page.locator("#menu li").last.evaluate("node => node.closest('[lang]').lang") == "en"


def test_a_press_on_the_button_makes_the_text_larger_and_it_stays(site: str, page: Page) -> None:
    page.goto(f"{site}/")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    before = page.evaluate(size)
    button = page.locator("[data-text-size]")
    expect(button).to_have_accessible_name("Cỡ chữ: vừa")
    button.click()
    expect(button).to_have_accessible_name("Cỡ chữ: lớn")
    assert page.evaluate(size) > before
    page.goto(f"{site}/tin-tuc")
    expect(page.locator("html")).to_have_attribute("data-text", "large")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_script_no_button_is_there_that_needs_it(site: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{ARTICLE}")
    for name in ("[data-text-size]", "[data-act=read]", "[data-act=copy]", "[data-act=share]"):
        expect(page.locator(name)).to_be_hidden()
    expect(page.get_by_role("link", name="Bản in")).to_be_visible()
    context.close()


def test_an_article_is_read_aloud_where_the_device_has_a_voice(site: str, page: Page) -> None:
    page.add_init_script(
        """
        const said = [];
        window.said = said;
        const voice = { lang: "vi-VN", name: "thử" };
        window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
        Object.defineProperty(window, "speechSynthesis", { value: {
          paused: false, getVoices: () => [voice], cancel() {}, pause() { this.paused = true; },
          resume() { this.paused = false; }, addEventListener() {},
          speak(words) { said.push(words.text); setTimeout(() => words.onend(), 10); },
        } });
        """
    )
    page.goto(f"{site}{ARTICLE}")
    page.get_by_role("button", name="Nghe đọc bài").click()
    expect(page.get_by_role("button", name="Nghe đọc bài")).to_be_visible()
    page.wait_for_function("window.said.length >= 3")
    said = page.evaluate("window.said")
    assert said[0].startswith("[MẪU] Hướng dẫn")
    assert any("bài mẫu" in text for text in said)
    assert not any("Chia sẻ" in text for text in said)


def test_headlines_are_reviewed_with_the_keyboard_alone(site: str, officer: Page) -> None:
    officer.goto(f"{site}/quan-tri/nguon-tin")
    expect(officer.locator("[data-keys]")).to_be_visible()
    ticks = officer.locator(".review input[name=id]")
    before = ticks.count()
    assert before >= 3
    titles = officer.locator(".review h2").all_inner_texts()
    officer.keyboard.press("d")
    assert ticks.count() == before, "outside the list a key does nothing"
    ticks.first.focus()
    officer.keyboard.press("ArrowDown")
    assert officer.evaluate("document.activeElement.id") == ticks.nth(1).get_attribute("id")
    officer.keyboard.press("Space")
    expect(ticks.nth(1)).to_be_checked()
    officer.keyboard.press("ArrowUp")
    with officer.expect_navigation():
        officer.keyboard.press("d")
    assert officer.locator(".review h2").all_inner_texts() == titles[1:]
    ticks.first.focus()
    with officer.expect_navigation():
        officer.keyboard.press("a")
    assert officer.locator(".review h2").all_inner_texts() == titles[2:]
    ticks.first.focus()
    with officer.expect_navigation():
        officer.keyboard.press("v")
    expect(officer.locator("#title")).to_have_value(titles[2])
    page = officer.request.get(f"{site}/nguon-tin").text()
    assert titles[0] in page
    assert titles[1] not in page
