"""The officers' editor in a real browser, under the site's policy: typing, pasting, uploading."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Error,
    Locator,
    Page,
    ViewportSize,
    expect,
)

from tests.browser.editor_site import PNG, ROOT, EditorSite, serve
from tests.browser.served import axe_faults, shared

SAMPLES = sorted(
    path
    for path in (ROOT / "tests/data/clipboard").glob("*.html")
    if not path.name.endswith(".expected.html")
)
DATA_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
TEXT = ".wse-content"
SCREEN: ViewportSize = {"width": 1280, "height": 800}

pytestmark = pytest.mark.browser

RECORD = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
    (event) => window.violations.push(event.violatedDirective + " " + event.sourceFile));
window.inputs = 0;
window.legacy = [];
document.addEventListener("input", (event) => {
    if (event.target.id === "body") window.inputs += 1;
});
document.addEventListener("legacy-text", (event) => window.legacy.push(event.detail));
"""

PASTE = """(element, {html, text, rtf, files, dropAt}) => {
    const data = new DataTransfer();
    if (html !== null) data.setData("text/html", html);
    if (text !== null) data.setData("text/plain", text);
    if (rtf !== null) data.setData("text/rtf", rtf);
    for (const {name, type, bytes} of files) {
        const content = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
        data.items.add(new File([content], name, {type}));
    }
    element.focus();
    const init = {bubbles: true, cancelable: true};
    if (dropAt) {
        const [clientX, clientY] = dropAt;
        const drop = {...init, clientX, clientY, dataTransfer: data};
        element.dispatchEvent(new DragEvent("drop", drop));
    } else {
        element.dispatchEvent(new ClipboardEvent("paste", {...init, clipboardData: data}));
    }
}"""


@pytest.fixture(scope="module")
def server() -> Iterator[EditorSite]:
    site = EditorSite()
    server = serve(site)
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(server: EditorSite) -> EditorSite:
    """The page's server, which knows of nothing yet."""
    vars(server).update(vars(EditorSite(url=server.url)))
    return server


class Desk:
    """An officer at the editor."""

    def __init__(self, page: Page, site: EditorSite) -> None:
        self.page, self.site = page, site

    def open(self, content: str = "", attributes: str = "") -> None:
        self.site.content, self.site.attributes = content, attributes
        self.page.goto(self.site.url)

    @property
    def text(self) -> Locator:
        return self.page.locator(TEXT)

    @property
    def html(self) -> str:
        return self.page.locator("#body").input_value()

    @property
    def status(self) -> Locator:
        return self.page.get_by_role("status")

    def tool(self, name: str) -> Locator:
        return self.page.locator(f"[data-tool='{name}']")

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog")

    def submit_dialog(self) -> None:
        self.dialog.locator("button[type=submit]").click()

    def write(self, text: str) -> None:
        self.text.click()
        self.page.keyboard.press("Control+End")
        self.type(text)

    def type(self, text: str) -> None:
        """Press the keys of `text`; a tab or a new line in it is the key of that name."""
        for part in re.split(r"([\t\n])", text):
            if part in "\t\n" and part:
                self.page.keyboard.press("Tab" if part == "\t" else "Enter")
            else:
                self.page.keyboard.type(part)

    def until(self, condition: str) -> None:
        """Wait for `condition`; wait_for_function needs eval, which the policy bars."""
        for _ in range(800):  # 40 seconds: the machine may be busy
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"never came true: {condition}")

    def paste(
        self,
        html: str | None = None,
        text: str | None = None,
        rtf: str | None = None,
        files: tuple[tuple[str, str, bytes], ...] = (),
        drop: bool = False,
    ) -> None:
        box = self.text.bounding_box()
        assert box
        self.text.evaluate(
            PASTE,
            {
                "html": html,
                "text": text,
                "rtf": rtf,
                "files": [
                    {"name": name, "type": kind, "bytes": base64.b64encode(data).decode()}
                    for name, kind, data in files
                ],
                "dropAt": [box["x"] + 30, box["y"] + 30] if drop else None,
            },
        )


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Page]:
    """A page for all tests here, each of which opens its own document: a new one costs as much."""
    with shared(chromium, viewport=SCREEN, locale="vi-VN") as context:
        context.add_init_script(RECORD)
        yield context.new_page()


@pytest.fixture
def desk(tab: Page, site: EditorSite) -> Iterator[Desk]:
    """No script error and no breach of the policy may come of what the test does."""
    wrong: list[str] = []

    def fault(error: Error) -> None:
        wrong.append(str(error))

    def said(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or message.type == "warning":
            wrong.append(message.text)

    tab.on("pageerror", fault)
    tab.on("console", said)
    yield Desk(tab, site)
    violations = tab.evaluate("window.violations")
    tab.remove_listener("pageerror", fault)
    tab.remove_listener("console", said)
    tab.set_viewport_size(SCREEN)
    assert violations == []
    assert wrong == []


def expected(sample: Path) -> str:
    return sample.with_name(f"{sample.stem}.expected.html").read_text(encoding="utf-8")


def flat(html: str) -> str:
    """Take away what the editor's output leaves out or adds beside the clean-up's."""
    html = re.sub(r"<(li|td|th)([^>]*)><p>((?:(?!<p>).)*?)</p>(?=</\1>|<[uo]l)", r"<\1\2>\3", html)
    return re.sub(r' scope="\w+"', "", html).strip()


# ------------------------------------------------------------------ in a form


def test_without_script_the_textarea_with_its_html_is_the_editor(
    chromium: Browser, site: EditorSite
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    site.content = "<p>Nội dung &amp; phụ lục</p>"
    page.goto(site.url)
    field = page.get_by_label("Nội dung")
    expect(field).to_be_visible()
    assert field.input_value() == "<p>Nội dung &amp; phụ lục</p>"
    page.get_by_role("button", name="Lưu bài").click()
    expect(page.get_by_text("Đã lưu")).to_be_visible()
    assert site.saved == ["<p>Nội dung &amp; phụ lục</p>"]
    context.close()


STORED = (ROOT / "tests/data/stored-text.html").read_text(encoding="utf-8").rstrip()


def test_stored_html_comes_back_as_it_was_after_an_edit(desk: Desk) -> None:
    desk.open(STORED)
    assert desk.html == STORED
    desk.write("x")
    assert desk.html == STORED + "\n<p>x</p>"
    desk.page.keyboard.press("Control+z")
    assert desk.html == STORED


def test_what_the_editor_has_no_form_for_keeps_its_words(desk: Desk) -> None:
    desk.open(
        "<table><caption>Lịch <em>tiếp dân</em></caption><thead><tr><td>1</td></tr></thead></table>"
        "<dl><dt>Một</dt><dd>Hai</dd></dl><h1>Ba</h1><section><h6>Bốn</h6>năm</section>"
    )
    desk.write("x")
    assert desk.html == (
        "<p>Lịch <em>tiếp dân</em></p>\n<table><tbody><tr><td>1</td></tr></tbody></table>\n"
        "<p>Một</p>\n<p>Hai</p>\n<h2>Ba</h2>\n<h4>Bốn</h4>\n<p>nămx</p>"
    )


def test_every_change_is_in_the_textarea_at_once_and_announced_when_typing_pauses(
    desk: Desk,
) -> None:
    desk.open("<p>Một</p>")
    desk.write(" hai ba")
    assert desk.html == "<p>Một hai ba</p>"
    desk.until("window.inputs === 1")
    desk.page.wait_for_timeout(500)
    assert desk.page.evaluate("window.inputs") == 1


def test_the_form_sends_what_is_written(desk: Desk) -> None:
    desk.open("<p>Một</p>")
    desk.write(" hai")
    desk.page.get_by_role("button", name="Lưu bài").click()
    expect(desk.page.get_by_text("Đã lưu")).to_be_visible()
    assert desk.site.saved == ["<p>Một hai</p>"]


def test_leaving_with_unsaved_text_is_warned_of_until_it_is_saved(desk: Desk) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desk.page.on("dialog", leave)
    desk.open("<p>Một</p>")
    desk.page.reload()
    assert asked == []
    desk.write(" hai")
    desk.page.reload()
    assert asked == ["beforeunload"]
    desk.write(" ba")
    desk.page.locator("#body").dispatch_event("editor-saved")
    desk.page.reload()
    assert asked == ["beforeunload"]
    desk.page.remove_listener("dialog", leave)


def test_an_empty_required_text_is_not_sent(desk: Desk) -> None:
    desk.open("", "required")
    expect(desk.text).to_have_attribute("aria-required", "true")
    desk.page.get_by_role("button", name="Lưu bài").click()
    expect(desk.status).to_have_text("Hãy nhập nội dung.")
    expect(desk.text).to_be_focused()
    assert desk.site.saved == []


def test_other_scripts_can_replace_and_insert_text(desk: Desk) -> None:
    desk.open("<p>Cũ</p>")
    send = "(el, [name, html]) => el.dispatchEvent(new CustomEvent(name, {detail: {html}}))"
    desk.page.locator("#body").evaluate(send, ["editor-set", "<p>Bản nháp</p>"])
    assert desk.html == "<p>Bản nháp</p>"
    desk.text.click()
    desk.page.keyboard.press("Control+End")
    link = '<p><a href="/tep/1/mau.pdf" style="color:red">Mẫu đơn</a></p>'
    desk.page.locator("#body").evaluate(send, ["editor-insert", link])
    assert '<a href="/tep/1/mau.pdf">Mẫu đơn</a>' in desk.html
    assert "style" not in desk.html


# ------------------------------------------------------------------ pasting


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_pasted_markup_becomes_clean_structure(desk: Desk, sample: Path) -> None:
    desk.open()
    html = sample.read_text(encoding="utf-8")
    cleaned = desk.page.evaluate(
        """async (html) => {
            const {cleanHtml} = await import("/frontend/clean.js");
            const root = document.implementation.createHTMLDocument("").createElement("div");
            root.innerHTML = cleanHtml(html, {origin: location.origin}).html;
            return Array.from(root.children, (block) => block.outerHTML + "\\n").join("");
        }""",
        html,
    )
    assert cleaned == expected(sample)
    desk.paste(html)
    for _ in range(cleaned.count("data-upload")):
        expect(desk.dialog).to_be_visible()
        desk.page.keyboard.press("Escape")
        expect(desk.dialog).to_have_count(0)
    without_pictures = re.sub(r"\n?<figure>.*?</figure>", "", expected(sample))
    assert flat(desk.html) == flat(without_pictures)


def test_every_sample_of_the_clipboard_has_its_expectation() -> None:
    assert len(SAMPLES) >= 9
    assert all(expected(sample) for sample in SAMPLES)


def test_pictures_only_the_senders_machine_has_are_counted_for_the_officer(desk: Desk) -> None:
    desk.open()
    desk.paste((ROOT / "tests/data/clipboard/word-table.html").read_text(encoding="utf-8"))
    expect(desk.status).to_have_text(
        "Có 1 ảnh không lấy được từ nơi sao chép. Hãy tải các ảnh đó lên bằng nút Ảnh."
    )


def test_links_raised_to_https_are_told(desk: Desk) -> None:
    desk.open()
    desk.paste('<p><a href="http://example.vn/a">a</a> <a href="http://example.vn/b">b</a></p>')
    expect(desk.status).to_contain_text("Đã đổi 2 liên kết từ http sang https")
    assert 'href="https://example.vn/a"' in desk.html


def test_pasted_script_neither_runs_nor_stays(desk: Desk) -> None:
    desk.open()
    desk.paste(
        """<p onmouseover="window.ran=1" id="x" class="y">a<script>window.ran=1</script></p>
        <img src="x" onerror="window.ran=1"><iframe srcdoc="<script>parent.ran=1</script>"></iframe>
        <a href="javascript:window.ran=1">b</a><a href=" jAvascript:window.ran=1">c</a>
        <a href="data:text/html,x">d</a><svg onload="window.ran=1"><style>*{}</style></svg>
        <p style="background:url(https://evil.example/x)">e</p><base href="https://evil.example/">
        <math><mtext><table><mglyph><style><img src=x onerror="window.ran=1"></style></table></math>
        <img src="data:image/svg+xml;base64,PHN2Zy8+"><link rel="stylesheet" href="https://evil.example/">"""
    )
    desk.page.wait_for_timeout(100)
    assert desk.page.evaluate("window.ran") is None
    assert desk.html == "<p>a</p>\n<p>bc d</p>\n<p>e</p>"


def test_markup_that_claims_to_be_the_editors_own_is_no_way_round_the_clean_up(desk: Desk) -> None:
    desk.open()
    desk.paste(
        '<p data-pm-slice="0 0 []" style="color:red" onclick="window.ran=1">a '
        '<a href="javascript:window.ran=1">b</a></p><img src="https://evil.example/x.png">'
        '<figure><img src="//evil.example/y.png"></figure>'
    )
    assert "evil" not in desk.html
    assert desk.html == "<p>a b</p>"


def test_plain_text_keeps_its_paragraphs_and_loses_invisible_characters(desk: Desk) -> None:
    desk.open()
    desk.paste(text="Kính\u00a0gửi:\u00ad ông\u200b\r\n\r\nHa\u0323 \u0110i\u0300nh\nHết")
    assert desk.html == "<p>Kính gửi: ông</p>\n<p>Hạ Đình</p>\n<p>Hết</p>"


def test_text_copied_within_the_editor_keeps_marks_and_inner_spaces(desk: Desk) -> None:
    desk.open("<p><strong>Một </strong>hai</p><p>:</p>")
    desk.text.click()
    desk.page.keyboard.press("Control+Home")
    for _ in range(4):
        desk.page.keyboard.press("Shift+ArrowRight")
    desk.page.keyboard.press("Control+c")
    desk.page.keyboard.press("Control+End")
    desk.page.keyboard.press("Control+v")
    assert desk.html == "<p><strong>Một </strong>hai</p>\n<p>:<strong>Một </strong></p>"


def test_what_chromium_itself_copies_from_a_styled_page_loses_its_style(desk: Desk) -> None:
    desk.open()
    desk.page.get_by_role("heading", name="Soạn bài").click(click_count=3)
    desk.page.keyboard.press("Control+c")
    desk.text.click()
    desk.page.keyboard.press("Control+v")
    assert desk.html.startswith("<h2>Soạn bài</h2>")
    assert "style" not in desk.text.inner_html()


def test_text_in_a_legacy_encoding_is_reported_whole_and_can_be_replaced(desk: Desk) -> None:
    desk.open("<p>Trước</p>")
    desk.text.click()
    desk.page.keyboard.press("Control+End")
    desk.page.keyboard.press("Enter")
    desk.paste((ROOT / "tests/data/clipboard/word-tcvn3.html").read_text(encoding="utf-8"))
    desk.until("window.legacy.length === 1")
    encoding, text = desk.page.evaluate("[window.legacy[0].encoding, window.legacy[0].text]")
    assert (encoding, text) == ("tcvn3", "Uû ban nh©n d©n ph\u00adêng th«ng b¸o")
    desk.page.evaluate("window.legacy[0].replace('<p>Uỷ ban nhân dân phường thông báo</p>')")
    assert desk.html == "<p>Trước</p>\n<p>Uỷ ban nhân dân phường thông báo</p>"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Uû ban nh©n d©n ph\u00adêng", "tcvn3"),
        ("Uyû ban nhaân daân phöôøng", "vni"),
        ("Ủy ban nhân dân phường © 2026 ®", None),
        ("hoàn toàn khoáng", None),
        ("El niño pequeño mañana", None),
        ("Windows® and Office® 5µm", None),
        ("Plain English text", None),
    ],
)
def test_legacy_encodings_are_told_from_real_text(
    desk: Desk, text: str, encoding: str | None
) -> None:
    desk.open()
    found = desk.page.evaluate(
        "async (text) => (await import('/frontend/clean.js')).detectLegacy(text)", text
    )
    assert found == encoding


# ------------------------------------------------------------------ pictures


def test_a_picture_needs_a_description_or_the_word_that_it_is_decoration(desk: Desk) -> None:
    desk.open("<p>Bài</p>")
    desk.text.click()
    desk.tool("image").click()
    expect(desk.dialog.get_by_text("tối đa 2 MB")).to_be_visible()
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("alert")).to_have_text("Hãy chọn một tệp ảnh.")
    desk.dialog.get_by_label("Tệp ảnh").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": PNG}
    )
    expect(desk.dialog.locator("canvas")).to_be_visible()
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("alert")).to_contain_text("Hãy mô tả ảnh")
    expect(desk.dialog.get_by_label("Mô tả ảnh")).to_be_focused()
    desk.dialog.get_by_label("Mô tả ảnh").fill("Đội tiêm chủng")
    desk.dialog.get_by_label("Chú thích").fill("Ảnh: Trạm y tế")
    desk.submit_dialog()
    expect(desk.dialog).to_have_count(0)
    assert desk.site.uploads == [
        {"csrf": "a-token", "file": "picture", "alt": "Đội tiêm chủng", "decorative": ""}
    ]
    assert desk.html.endswith(
        '<figure><img src="/media/1.png" alt="Đội tiêm chủng" width="10" height="10">'
        "<figcaption>Ảnh: Trạm y tế</figcaption></figure>"
    )


def test_a_picture_put_on_a_new_line_is_not_lost_to_the_next_key(desk: Desk) -> None:
    desk.open("<p>Bài</p>")
    desk.write("\n")
    desk.tool("image").click()
    desk.dialog.get_by_label("Tệp ảnh").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": PNG}
    )
    desk.dialog.get_by_label("Mô tả ảnh").fill("Đội tiêm chủng")
    desk.submit_dialog()
    expect(desk.dialog).to_have_count(0)
    desk.page.keyboard.type("Hết.")
    assert desk.html.startswith("<p>Bài</p>\n<figure><img")
    assert desk.html.endswith("</figure>\n<p>Hết.</p>")


def test_a_refused_upload_says_why_and_loses_nothing_typed(desk: Desk) -> None:
    desk.site.refusals = [(422, '{"error": "Ảnh này bị hỏng."}'), (403, "<h1>Forbidden</h1>")]
    desk.open()
    desk.paste(files=(("a.png", "image/png", PNG),))
    desk.dialog.get_by_label("Ảnh chỉ để trang trí").check()
    expect(desk.dialog.get_by_label("Mô tả ảnh")).to_be_disabled()
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("alert")).to_have_text("Ảnh này bị hỏng.")
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("alert")).to_contain_text("mã 403")
    desk.submit_dialog()
    expect(desk.dialog).to_have_count(0)
    assert desk.site.uploads[0]["decorative"] == "1"
    assert desk.html == '<figure><img src="/media/1.png" alt="" width="10" height="10"></figure>'


def test_files_that_are_no_pictures_or_too_big_are_refused_before_the_upload(desk: Desk) -> None:
    desk.open()
    desk.paste(files=(("a.pdf", "application/pdf", b"%PDF"),), drop=True)
    expect(desk.status).to_contain_text("không phải ảnh")
    desk.tool("image").click()
    big = {"name": "b.png", "mimeType": "image/png", "buffer": PNG + bytes(2_000_000)}
    desk.dialog.get_by_label("Tệp ảnh").set_input_files(big)
    expect(desk.dialog.get_by_role("alert")).to_contain_text("vượt mức tối đa 2 MB")
    svg = {"name": "c.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    desk.dialog.get_by_label("Tệp ảnh").set_input_files(svg)
    expect(desk.dialog.get_by_role("alert")).to_contain_text("không phải ảnh")
    assert desk.site.uploads == []


def test_a_dropped_picture_is_asked_about_and_uploaded(desk: Desk) -> None:
    desk.open("<p>Bài</p>")
    desk.paste(files=(("a.png", "image/png", PNG),), drop=True)
    desk.dialog.get_by_label("Mô tả ảnh").fill("Sân")
    desk.submit_dialog()
    expect(desk.text.locator("img")).to_have_attribute("src", "/media/1.png")


def test_pictures_inside_pasted_text_are_uploaded_in_turn_and_stay_in_their_place(
    desk: Desk,
) -> None:
    desk.open()
    desk.paste(
        f'<p>Một</p><img src="{DATA_URL}" alt="Bản đồ"><p>Hai</p><p><img src="{DATA_URL}">Ba</p>'
    )
    expect(desk.dialog.get_by_role("heading")).to_have_text("Chèn ảnh – Ảnh 1/2")
    expect(desk.dialog.get_by_label("Mô tả ảnh")).to_have_value("Bản đồ")
    assert "data" not in desk.html
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("heading")).to_have_text("Chèn ảnh – Ảnh 2/2")
    desk.page.keyboard.press("Escape")
    expect(desk.status).to_have_text("Đã bỏ 1 ảnh không tải lên.")
    assert desk.html == (
        '<p>Một</p>\n<figure><img src="/media/1.png" alt="Bản đồ" width="10" height="10"></figure>'
        "\n<p>Hai</p>\n<p>Ba</p>"
    )
    desk.page.keyboard.press("Control+z")
    assert desk.html == ""
    desk.page.keyboard.press("Control+y")
    assert "/media/1.png" in desk.html


def test_words_pictures_are_read_from_the_rtf_beside_its_html(desk: Desk) -> None:
    desk.open()
    picture = "\n".join(re.findall(".{1,60}", PNG.hex()))
    rtf = (
        r"{\rtf1\ansi {\*\shppict{\pict{\*\picprop\shplid1025{\sp{\sn shapeType}{\sv 75}}}"
        r"\picscalex100\picw264\pngblip\bliptag-1420{\*\blipuid ab54b0e5c0ffee}" + picture + "}}"
        r"{\nonshppict{\pict\picscalex100\wmetafile8 0100090000}}\par}"
    )
    desk.paste('<p class=MsoNormal>Một</p><img src="file:///C:/Temp/clip_image001.png">', rtf=rtf)
    desk.dialog.get_by_label("Mô tả ảnh").fill("Sơ đồ")
    desk.submit_dialog()
    expect(desk.dialog).to_have_count(0)
    assert desk.site.uploads[0]["file"] == "picture"
    assert 'src="/media/1.png" alt="Sơ đồ"' in desk.html


def test_a_picture_nobody_described_is_marked_until_it_is(desk: Desk) -> None:
    desk.open('<figure><img src="/media/1.png"></figure><p>Bài</p>')
    expect(desk.text.locator(".wse-unfinished")).to_have_count(1)
    desk.text.locator("img").click()
    desk.page.keyboard.press("Enter")
    desk.dialog.get_by_label("Mô tả ảnh").fill("Cổng trường")
    desk.submit_dialog()
    expect(desk.text.locator(".wse-unfinished")).to_have_count(0)
    assert desk.html.startswith('<figure><img src="/media/1.png" alt="Cổng trường"></figure>')


# ------------------------------------------------------------------ structure


def test_the_toolbar_and_the_keyboard_do_the_same(desk: Desk) -> None:
    desk.open("<p>Chữ</p>")
    for name, keys, tag in (
        ("bold", "Control+b", "strong"),
        ("italic", "Control+i", "em"),
        ("underline", "Control+u", "u"),
        ("strike", "Control+Shift+X", "s"),
        ("sub", "Control+,", "sub"),
        ("sup", "Control+.", "sup"),
    ):
        desk.text.click()
        desk.page.keyboard.press("Control+a")
        desk.tool(name).click()
        assert desk.html == f"<p><{tag}>Chữ</{tag}></p>"
        expect(desk.tool(name)).to_have_attribute("aria-pressed", "true")
        desk.page.keyboard.press(keys)
        assert desk.html == "<p>Chữ</p>"
    desk.tool("style").select_option("3")
    assert desk.html == "<h3>Chữ</h3>"
    desk.tool("clear").click()
    assert desk.html == "<p>Chữ</p>"
    desk.tool("quote").click()
    assert desk.html == "<blockquote><p>Chữ</p></blockquote>"
    desk.tool("quote").click()
    assert desk.html == "<p>Chữ</p>"


def test_lists_nest_change_kind_and_end(desk: Desk) -> None:
    desk.open()
    desk.write("- Một\n")
    desk.type("\tHai")
    assert desk.html == "<ul><li>Một<ul><li>Hai</li></ul></li></ul>"
    desk.tool("numbers").click()
    assert desk.html == "<ul><li>Một<ol><li>Hai</li></ol></li></ul>"
    desk.tool("outdent").click()
    assert desk.html == "<ul><li>Một</li><li>Hai</li></ul>"
    desk.type("\n\nHết")
    assert desk.html == "<ul><li>Một</li><li>Hai</li></ul>\n<p>Hết</p>"


def test_a_table_grows_shrinks_and_merges(desk: Desk) -> None:
    desk.open()
    desk.text.click()
    expect(desk.page.get_by_role("toolbar", name="Bảng")).to_be_hidden()
    desk.tool("table").click()
    desk.dialog.get_by_label("Số hàng").fill("99")
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("alert")).to_contain_text("từ 1 đến 50 hàng")
    desk.dialog.get_by_label("Số hàng").fill("2")
    desk.dialog.get_by_label("Số cột").fill("2")
    desk.submit_dialog()
    expect(desk.page.get_by_role("toolbar", name="Bảng")).to_be_visible()
    desk.type("A\tB\t1\t2")
    head = '<tr><th scope="col">A</th><th scope="col">B</th></tr>'
    assert desk.html == f"<table><tbody>{head}<tr><td>1</td><td>2</td></tr></tbody></table>"
    desk.tool("rowBelow").click()
    desk.tool("columnRight").click()
    assert desk.html.count("<tr>") == 3
    assert desk.html.count("<td></td>") == 4
    desk.page.keyboard.press("Tab")
    desk.tool("columnDelete").click()
    desk.text.locator("tr").last.locator("td").last.click()
    desk.tool("rowDelete").click()
    assert desk.html == f"<table><tbody>{head}<tr><td>1</td><td>2</td></tr></tbody></table>"
    cells = desk.text.locator("tr:nth-child(2) td")
    cells.nth(0).click()
    cells.nth(1).click(modifiers=["Shift"])
    desk.tool("merge").click()
    assert '<td colspan="2"><p>1</p><p>2</p></td>' in desk.html
    desk.tool("split").click()
    assert "colspan" not in desk.html
    desk.tool("headerRow").click()
    assert "<th" not in desk.html
    desk.tool("tableDelete").click()
    assert desk.html == ""


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("https://example.vn/a b", "https://example.vn/a%20b"),
        ("http://example.vn", "https://example.vn/"),
        ("www.example.vn/tin", "https://www.example.vn/tin"),
        ("/van-ban", "/van-ban"),
        ("ubnd@example.vn", "mailto:ubnd@example.vn"),
        ("024 3858 0000", "tel:02438580000"),
        ("115", "tel:115"),
    ],
)
def test_an_address_typed_as_people_type_it_becomes_a_link(
    desk: Desk, typed: str, href: str
) -> None:
    desk.open("<p>Chữ</p>")
    desk.text.click()
    desk.page.keyboard.press("Control+a")
    desk.page.keyboard.press("Control+k")
    desk.dialog.get_by_label("Địa chỉ").fill(typed)
    desk.page.keyboard.press("Enter")
    expect(desk.dialog).to_have_count(0)
    assert desk.html == f'<p><a href="{href}">Chữ</a></p>'
    desk.page.keyboard.press("Control+k")
    expect(desk.dialog.get_by_label("Địa chỉ")).to_have_value(href)
    desk.dialog.get_by_role("button", name="Gỡ liên kết").click()
    expect(desk.dialog).to_have_count(0)
    assert desk.html == "<p>Chữ</p>"


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.vn",
        "//evil.example",
        "xin chào",
        "/\\a.vn",
    ],
)
def test_other_addresses_are_refused_with_the_reason(desk: Desk, typed: str) -> None:
    desk.open()
    desk.text.click()
    desk.tool("link").click()
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("alert")).to_have_text("Hãy nhập địa chỉ.")
    desk.dialog.get_by_label("Địa chỉ").fill(typed)
    desk.submit_dialog()
    expect(desk.dialog.get_by_role("alert")).to_contain_text("Địa chỉ này không dùng được")
    desk.dialog.get_by_role("button", name="Hủy").click()
    expect(desk.text).to_be_focused()
    assert desk.html == ""


# ------------------------------------------------------------------ reach


def test_the_keyboard_reaches_everything_and_is_never_trapped(desk: Desk) -> None:
    desk.open("<ul><li>Một</li><li>Hai</li></ul>")
    text = desk.page.get_by_role("textbox", name="Nội dung")
    expect(text).to_have_attribute("aria-multiline", "true")
    desk.page.get_by_text("Nội dung", exact=True).click()
    expect(text).to_be_focused()
    desk.page.keyboard.press("Alt+F10")
    expect(desk.tool("undo")).to_be_focused()
    desk.page.keyboard.press("End")
    expect(desk.tool("clear")).to_be_focused()
    desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("ArrowRight")
    expect(desk.tool("redo")).to_be_focused()
    expect(desk.page.locator(".wse-tooltip")).to_have_text("Làm lại (Ctrl+Y)")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".wse-tooltip")).to_be_hidden()
    desk.page.keyboard.press("Escape")
    expect(text).to_be_focused()
    assert desk.page.locator(".wse-toolbar").first.locator("[tabindex='0']").count() == 1
    desk.page.keyboard.press("Control+End")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Tab")
    expect(desk.page.get_by_role("button", name="Lưu bài")).to_be_focused()
    assert desk.html == "<ul><li>Một</li><li>Hai</li></ul>"


def test_its_dialogs_are_opened_used_and_left_with_the_keyboard(desk: Desk) -> None:
    desk.open("<p>Bài</p>")
    desk.text.click()
    keys = desk.page.keyboard
    keys.press("Control+a")
    keys.press("Control+k")
    expect(desk.dialog.get_by_role("textbox").first).to_be_focused()
    keys.type("phuong.example.vn")
    keys.press("Enter")
    expect(desk.dialog).to_have_count(0)
    expect(desk.text).to_be_focused()
    assert desk.html == '<p><a href="https://phuong.example.vn/">Bài</a></p>'
    for name in ("link", "image"):
        desk.tool(name).focus()
        keys.press("Enter")
        within = desk.page.locator("dialog[open]")
        expect(within).to_be_visible()
        reached = set()
        for _ in range(30):
            keys.press("Tab")
            reached.add(
                desk.page.evaluate("document.activeElement.closest('dialog, main')?.nodeName")
            )
        assert "MAIN" not in reached, name
        keys.press("Escape")
        expect(desk.dialog).to_have_count(0)
        expect(desk.text).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1280, 800)])
def test_it_fits_the_screen_and_has_no_fault_axe_can_find(
    desk: Desk, width: int, height: int
) -> None:
    desk.page.set_viewport_size({"width": width, "height": height})
    desk.open(STORED)
    desk.text.locator("td").first.click()
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
    for control in desk.page.locator(".wse-button, .wse-select").all():
        box = control.bounding_box()
        assert box
        assert (box["width"] >= 44, box["height"] >= 44) == (True, True)
        assert control.get_attribute("aria-label")
    assert axe_faults(desk.page) == []
    for name in ("link", "image"):
        desk.tool(name).click()
        assert axe_faults(desk.page, "dialog") == []
        desk.page.keyboard.press("Escape")
        expect(desk.dialog).to_have_count(0)


def test_nothing_in_it_is_styled_inline(desk: Desk) -> None:
    desk.open(STORED)
    desk.text.locator("td").first.click()
    desk.tool("bold").hover()
    assert desk.page.locator(".wse [style], dialog [style]").count() == 0


def test_its_words_are_vietnamese_unless_english_is_asked_for(desk: Desk) -> None:
    desk.open()
    expect(desk.tool("bold")).to_have_attribute("aria-label", "In đậm")
    desk.open("", 'data-lang="en"')
    expect(desk.tool("bold")).to_have_attribute("aria-label", "Bold")
    same = desk.page.evaluate(
        """async () => {
            const {DICTIONARIES: {vi, en}} = await import("/frontend/src/strings.js");
            const holes = (text) => (text.match(/\\{\\w+\\}/g) || []).sort().join();
            return Object.keys({...vi, ...en}).filter((key) =>
                !vi[key] || !en[key] || holes(vi[key]) !== holes(en[key]));
        }"""
    )
    assert same == []


def test_the_licences_shipped_are_those_of_the_locked_versions() -> None:
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text(encoding="utf-8"))
    shipped = (ROOT / "wardsite/static/vendor/editor/LICENSES.txt").read_text(encoding="utf-8")
    locked = {
        name.removeprefix("node_modules/"): package["version"]
        for name, package in lock["packages"].items()
        if name and not package.get("dev")
    }
    assert dict(re.findall(r"^(\S+) (\d\S*) \(", shipped, re.MULTILINE)) == locked
    assert not any("resolved" in package for package in lock["packages"].values())
