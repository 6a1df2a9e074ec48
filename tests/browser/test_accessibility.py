"""WCAG 2.2 AA as far as a program can tell: every page and state, any colours, any text size."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.served import PHONE, axe_faults, document_path, sign_in
from tests.conftest import PASSWORD
from wardsite.site.themes import THEMES

pytestmark = pytest.mark.browser

ARTICLE = "/tin-tuc/covid-19/mau-huong-dan-nguoi-dan-cai-dat-ung-dung-bluezone"
PAGES = ("/", "/covid-19", "/tin-tuc", "/van-ban", "/tim-kiem?q=covid", "/tim-kiem?q=zzz")
PAGES += ("/tiep-can", "/ngoai-tuyen", "/phan-anh", "/en/covid-19", ARTICLE, f"{ARTICLE}?ban-in=1")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def faults(page: Page, **but: bool) -> list[str]:
    """What axe finds with the rules of WCAG 2.2 too, which it leaves out by itself."""
    rules = {name.replace("_", "-"): {"enabled": wanted} for name, wanted in but.items()}
    found = Axe().run(page, options=RULES | {"rules": rules}).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]


@pytest.fixture
def officer(chromium: Browser, site: str) -> Iterator[Page]:
    """A signed-in administrator's page on a desk."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, site, "the-admin", PASSWORD)
    yield page
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_by_the_rules_of_wcag_2_2(
    site: str, page: Page, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 640})
    for path in (*PAGES, document_path(page, site)):
        page.goto(f"{site}{path}")
        assert faults(page) == [], path


def test_axe_finds_nothing_in_forced_colours(site: str, page: Page) -> None:
    page.emulate_media(forced_colors="active")
    for path in ("/", "/covid-19", ARTICLE):
        page.goto(f"{site}{path}")
        # The colours are then the system's own, which axe reads off the style sheet instead.
        assert faults(page, color_contrast=False) == [], path


def test_axe_finds_nothing_where_errors_are_shown(site: str, page: Page) -> None:
    page.goto(f"{site}/dang-nhap")
    page.locator("main").get_by_role("button", name="Đăng nhập").click()
    expect(page.locator("#errors")).to_be_visible()
    assert faults(page) == []


def test_axe_finds_nothing_on_the_page_of_the_design(site: str, officer: Page) -> None:
    for scheme in ("light", "dark"):
        officer.emulate_media(color_scheme=scheme)
        officer.goto(f"{site}/quan-tri/giao-dien")
        assert axe_faults(officer) == []
        assert faults(officer) == []


@pytest.mark.parametrize("theme", [theme.id for theme in THEMES])
def test_axe_finds_nothing_in_any_theme(site: str, page: Page, theme: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{site}/covid-19")
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        assert faults(page) == [], scheme


@pytest.mark.parametrize("path", ["/", "/covid-19", ARTICLE, "/van-ban", "/tiep-can"])
def test_text_at_twice_the_size_stays_on_the_page(site: str, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 640, "height": 800})
    page.goto(f"{site}{path}")
    page.evaluate("document.documentElement.style.fontSize = '212.5%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


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
