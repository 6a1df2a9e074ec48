"""WCAG 2.2 AA as far as a program can tell: every page and state, any colours, any text size."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.full_desk import fill
from tests.browser.places import ARTICLE, FULL_OFFICERS, FULL_PUBLIC, MORE_PUBLIC, WITHDRAWN, pages
from tests.browser.served import FLAGS, PHONE, axe_faults, document_path, serving, sign_in
from tests.conftest import PASSWORD
from tests.page import Browser as LocalBrowser
from wardsite.accounts import second_factor
from wardsite.accounts.service import SignedIn
from wardsite.application import create_app
from wardsite.extensions import db, transaction
from wardsite.models import Headline, Source, User
from wardsite.news import lifecycle
from wardsite.news.lifecycle import PostText
from wardsite.settings import load_settings
from wardsite.site.errors import error_page
from wardsite.site.themes import THEMES

pytestmark = pytest.mark.browser

SECRET = "JBSWY3DPEHPK3PXP" * 2


@pytest.fixture(scope="module")
def instance(sampled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office in full use: every list filled, headlines waiting, an editor with two factors."""
    folder = tmp_path_factory.mktemp("full") / "instance"
    shutil.copytree(sampled, folder)
    fill(folder)
    app = create_app(load_settings(folder, {}))
    now = datetime.now(UTC)
    with app.app_context():
        editor = db.session.query(User).filter_by(name="the-editor").one()
        second_factor.enable(editor, SECRET, pyotp.TOTP(SECRET).at(now), now)
        desk = SignedIn(editor, "")
        lifecycle.save(desk, None, PostText("Bài đang soạn", "", "<p>Nội dung.</p>", 1), now)
        lifecycle.withdraw(desk, 2, "Nội dung đã hết thời hạn, xem bài mới.", now)
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


@pytest.fixture(scope="module")
def desk(chromium: Browser, site: str) -> Iterator[BrowserContext]:
    """The browser of an administrator, who signed in."""
    with closing(chromium.new_context(viewport={"width": 1280, "height": 800})) as context:
        page = context.new_page()
        sign_in(page, site, "the-admin", PASSWORD)
        page.wait_for_url(f"{site}/quan-tri")
        yield context


@pytest.fixture
def officer(desk: BrowserContext) -> Iterator[Page]:
    """A page of that administrator."""
    with closing(desk.new_page()) as page:
        yield page


# Colours do not depend on the width: two rounds see both schemes and both layouts.
ROUNDS = (("light", 1280), ("dark", 320))
REFUSED = {"/khong-co-trang-nay": 404, WITHDRAWN: 410}
SCHEMES = ("light", "dark")
TOUCHED = "main .btn, main .chips a, main .people a, main .file-row a"
TOO_SMALL = """touched => [...document.querySelectorAll(touched)]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 44)
  .map((node) => node.outerHTML)"""


def colours(page: Page, scheme: str) -> None:
    """Show the page in a scheme, without motion: colours on their way to it are neither's."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")


def draw(page: Page, url: str, html: str) -> None:
    """Answer an address with this page instead of the server's."""
    content_type = "text/html; charset=utf-8"
    page.route(url, lambda route: route.fulfill(body=html, content_type=content_type))


def passes(page: Page, url: str) -> None:
    """Axe finds nothing, nothing is wider than the page, and nothing to touch is too small."""
    answer = page.goto(url)
    assert answer is not None
    expected = next((code for path, code in REFUSED.items() if url.endswith(path)), 200)
    assert answer.status == expected, url
    for scheme, width in ROUNDS:
        colours(page, scheme)
        page.set_viewport_size({"width": width, "height": 640})
        assert axe_faults(page) == [], (url, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
        assert not page.evaluate(TOO_SMALL, TOUCHED), (url, width)


def test_axe_finds_nothing_on_any_public_page_and_large_text_stays_on_it(
    site: str, page: Page, client: LocalBrowser
) -> None:
    listed = pages(client, officers=False)
    assert len(listed) >= 17
    for path in (*listed, *MORE_PUBLIC, *FULL_PUBLIC, WITHDRAWN, document_path(page, site)):
        passes(page, f"{site}{path}")
        page.set_viewport_size({"width": 640, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '212.5%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path


def test_letters_set_twice_as_large_in_the_browser_fit_on_a_telephone(
    site: str, chromium: Browser, tmp_path: Path
) -> None:
    settings = tmp_path / "Default" / "Preferences"
    settings.parent.mkdir()
    settings.write_text('{"webkit": {"webprefs": {"default_font_size": 32}}}')
    with chromium.browser_type.launch_persistent_context(
        tmp_path, executable_path=shutil.which("chromium"), args=FLAGS, viewport=PHONE
    ) as context:
        page = context.pages[0]
        for path in ("/", ARTICLE, "/tinh-trang", document_path(page, site), "/phan-anh"):
            page.goto(f"{site}{path}")
            size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
            assert size >= 32
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_a_title_that_is_one_long_word_does_not_widen_the_page(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    named = "main h1, main h2, main h3 a, .brand-name, .people b, .doc-summary, .menu a span"
    for path in ("/", "/covid-19", "/gioi-thieu", "/van-ban"):
        page.goto(f"{site}{path}")
        page.locator(named).evaluate_all("nodes => nodes.forEach(n => n.prepend('dài'.repeat(20)))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_axe_finds_nothing_on_any_officers_page(
    site: str, officer: Page, signed_in: Callable[[str], LocalBrowser]
) -> None:
    listed = pages(signed_in("admin"), officers=True)
    assert len(listed) >= 24
    officer.goto(f"{site}/quan-tri/tin-tuc")
    edit = str(officer.locator("table a").first.get_attribute("href"))
    for path in (*listed, edit, f"{edit}/xem-truoc", f"{edit}/xoa", *FULL_OFFICERS):
        passes(officer, f"{site}{path}")


def test_axe_finds_nothing_on_pages_that_are_seldom_seen(
    site: str, chromium: Browser, client: LocalBrowser, signed_in: Callable[[str], LocalBrowser]
) -> None:
    """Drawn by the application at hand, and shown with the styles of the served one."""
    author = signed_in("author")
    first_day = author.client.get("/quan-tri").text
    assert 'id="tour"' in first_day
    seldom = {"first-day": first_day, "forbidden": author.client.get("/quan-tri/can-bo").text}
    with client.client.application.test_request_context("/"):
        for code in (400, 410, 413, 429, 500):
            seldom[str(code)] = str(error_page(code)[0])
    # A service worker would ask the server itself.
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    for name, html in seldom.items():
        draw(page, f"{site}/{name}", html)
        passes(page, f"{site}/{name}")
    context.close()


def test_axe_finds_nothing_while_a_menu_is_open(site: str, page: Page, officer: Page) -> None:
    for shown, path, menu in ((page, "/", "#menu"), (officer, "/quan-tri", "#side")):
        shown.set_viewport_size(PHONE)
        shown.goto(f"{site}{path}")
        shown.locator(f"[popovertarget={menu[1:]}]").first.click()
        for scheme in SCHEMES:
            colours(shown, scheme)
            expect(shown.locator(menu)).to_be_visible()
            assert axe_faults(shown) == [], (path, scheme)


def test_axe_finds_nothing_on_the_second_step_of_signing_in(site: str, page: Page) -> None:
    sign_in(page, site, "the-editor", PASSWORD)
    expect(page.locator("main h1")).to_be_visible()
    assert page.locator("main input:not([type=hidden])").count() >= 1
    assert axe_faults(page) == []


def test_axe_finds_nothing_in_forced_colours(site: str, page: Page) -> None:
    page.emulate_media(forced_colors="active")
    for path in ("/", "/covid-19", ARTICLE):
        page.goto(f"{site}{path}")
        # The colours are then the system's own, which axe reads off the style sheet instead.
        assert axe_faults(page, color_contrast=False) == [], path
        # A drawing keeps a colour of its own where text may not: pale gold on white is not seen.
        kept = page.evaluate(
            "[...document.querySelectorAll('.icon')].filter(n =>"
            " getComputedStyle(n).color !== getComputedStyle(n.parentElement).color).length"
        )
        assert kept == 0, path


def test_axe_finds_nothing_where_errors_are_shown_and_each_leads_to_its_field(
    site: str, page: Page, officer: Page
) -> None:
    for shown, path in (
        (page, "/dang-nhap"),
        (page, "/phan-anh"),
        (officer, "/quan-tri/tin-tuc/viet"),
        (officer, "/quan-tri/van-ban/them"),
        (officer, "/quan-tri/trang/lien-ket/them"),
        (officer, "/quan-tri/can-bo"),
    ):
        shown.goto(f"{site}{path}")
        shown.locator("main form[novalidate]").first.evaluate("form => form.requestSubmit()")
        expect(shown.locator("#errors")).to_be_visible()
        for scheme in SCHEMES:
            colours(shown, scheme)
            assert axe_faults(shown) == [], (path, scheme)
        # The first line of the summary leads to the field that is wrong.
        shown.locator("#errors a").first.press("Enter")
        field = "document.activeElement.matches('.field.bad :is(input, textarea)')"
        assert shown.evaluate(field), path


def test_no_theme_has_too_little_contrast(site: str, page: Page) -> None:
    page.goto(f"{site}/covid-19")
    for scheme in SCHEMES:
        colours(page, scheme)
        for theme in THEMES:
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme.id)
            assert axe_faults(page, only=("color-contrast",)) == [], (theme.id, scheme)


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
    for place in (".posts .hit a", ".posts li > p:not(.meta)"):
        assert page.locator(place).count() > 0
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


def test_the_largest_letters_fit_on_the_smallest_telephone(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{site}/")
    for _press in range(2):
        page.locator("[data-text-size]").click()
    for path in ("/", "/van-ban/15-qd-ubnd"):
        page.goto(f"{site}{path}")
        expect(page.locator("html")).to_have_attribute("data-text", "largest")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        # The masthead hides what runs over its edge, so its words are measured themselves.
        edges = ".brand-text > span, .table-facts :is(th, td)"
        outside = page.locator(edges).evaluate_all(
            "nodes => nodes.filter(n => n.scrollWidth > n.clientWidth + 1 "
            "|| n.getBoundingClientRect().right > innerWidth).map(n => n.textContent)"
        )
        assert outside == [], path


def test_without_script_no_button_is_there_that_needs_it(site: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{ARTICLE}")
    for name in ("[data-text-size]", "[data-act=read]", "[data-act=copy]", "[data-act=share]"):
        expect(page.locator(name)).to_be_hidden()
    expect(page.get_by_role("link", name="Bản in")).to_be_visible()
    context.close()


def test_an_article_is_read_aloud_where_the_device_has_a_voice(site: str, page: Page) -> None:
    page = page.context.new_page()
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
    nested = "<ul><li>Mang theo<ul><li>Căn cước</li></ul></li></ul>"
    page.locator(".prose").evaluate(
        "(prose, html) => prose.insertAdjacentHTML('beforeend', html)", nested
    )
    page.get_by_role("button", name="Nghe đọc bài").click()
    expect(page.get_by_role("button", name="Nghe đọc bài")).to_be_visible()
    page.wait_for_function("window.said.includes('Căn cước')")
    said = page.evaluate("window.said")
    assert said[-2:] == ["Mang theo", "Căn cước"]
    assert not any("Dừng đọc" in text for text in said)
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
