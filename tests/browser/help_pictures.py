"""Takes the pictures of the officers' guides from the running program: `script/help-pictures`."""

import io
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.full_desk import fill
from tests.browser.served import FLAGS, serving
from tests.conftest import EXAMPLE, PASSWORD
from tests.terminal import wardsite
from wardsite.accounts.service import add_user
from wardsite.application import create_app
from wardsite.extensions import db, transaction
from wardsite.models import Headline, Source, User
from wardsite.ops.instance import make_instance
from wardsite.settings import load_settings
from wardsite.site.guides import PICTURE_SIZE

FOLDER = Path(__file__).parents[2] / "wardsite" / "static" / "help"
SCREEN = {"width": 1200, "height": 750}
NEWS = "/quan-tri/tin-tuc"
TITLE = "Lịch tổng vệ sinh môi trường cuối tuần"
BODY = "Ủy ban nhân dân phường đề nghị các tổ dân phố tham gia tổng vệ sinh từ 7 giờ ngày Chủ Nhật."
TCVN3 = "Uû ban nh©n d©n ph­êng th«ng b¸o lÞch tiÕp c«ng d©n th¸ng 12"
PASTE = """([text]) => { const data = new DataTransfer(); data.setData("text/plain", text);
document.querySelector(".wse-content").dispatchEvent(
new ClipboardEvent("paste", {bubbles: true, cancelable: true, clipboardData: data})); }"""
OUTLINE = """element => { element.style.outline = "4px solid #c8871a";
element.style.outlineOffset = "4px"; element.scrollIntoView({block: "center", inline: "nearest"});
}"""


def main() -> None:
    """Make an office, serve it, and write every picture anew."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        instance = _office(Path(folder) / "instance")
        with serving(instance) as site, sync_playwright() as playwright:
            chromium = str(shutil.which("chromium"))
            browser = playwright.chromium.launch(
                executable_path=chromium, args=[*FLAGS, "--lang=vi"]
            )
            pages = {role: _sign_in(browser, site, role) for role in ("author", "editor", "admin")}
            _posts(pages, site)
            for name, (role, path, target, prepare) in SHOTS.items():
                _take(pages[role], site + path, target, prepare, name)
            browser.close()


def _office(instance: Path) -> Path:
    now = datetime.now(UTC)
    make_instance(instance, "ha-dinh", "ward", "Phường Hạ Đình", now,
                  district_url=str(EXAMPLE / "district.toml"),
                  district_key=str(EXAMPLE / "EXAMPLE-DO-NOT-USE.pub"))  # fmt: skip
    app = create_app(load_settings(instance, {}))
    names = {"author": "Nguyễn Thị Lan", "editor": "Trần Văn Bình", "admin": "Lê Minh Hà"}
    with app.app_context():
        for role, name in names.items():
            add_user(f"the-{role}", role, now, password=PASSWORD)
            with transaction(public=False) as session:
                user = session.query(User).filter_by(name=f"the-{role}").one()
                user.display_name, user.tour_done = name, True
        with transaction() as session:
            source = session.query(Source).first()
            assert source is not None
            for number, title in enumerate(
                ("Hướng dẫn phòng bệnh mùa lạnh", "Lịch tiêm chủng mở rộng tháng 12")
            ):
                link = f"https://nguon.example.vn/{number}"
                at = now - timedelta(hours=number)
                names = dict.fromkeys(("key", "link", "link_key"), link)
                times = dict.fromkeys(("published_at", "first_seen_at", "last_seen_at"), at)
                row = Headline(source_id=source.id, title=title, **names, **times)
                session.add(row)
        db.engine.dispose()
    assert wardsite(instance, "demo").returncode == 0
    fill(instance)
    return instance


def _sign_in(browser: Browser, site: str, role: str) -> Page:
    page = browser.new_context(viewport=SCREEN, locale="vi-VN").new_page()
    page.goto(f"{site}/dang-nhap")
    page.fill("#name", f"the-{role}")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{site}/quan-tri")
    return page


def _write(page: Page, site: str, title: str, then: str) -> str:
    page.goto(f"{site}{NEWS}/viet")
    page.fill("#title", title)
    page.click(".wse-content")
    page.keyboard.type(BODY)
    page.click(f"button[name=then][value={then}]")
    page.wait_for_load_state()
    return page.url


def _posts(pages: dict[str, Page], site: str) -> None:
    """Write, as the officers would, what the pictures show; the newest post is number LAST."""
    editor = pages["editor"]
    _write(editor, site, "Bài đã cũ", "save")
    editor.goto(editor.url + "/xoa")
    editor.click("main form button")
    for number, colours in enumerate((("#9cc7d8", "#4b8a5f"), ("#f0c98a", "#7a9a5a"))):
        picture = {"name": f"anh-{number}.png", "mimeType": "image/png", "buffer": _scene(*colours)}
        editor.goto(f"{site}/quan-tri/hinh-anh")
        editor.evaluate("document.querySelector('main details').open = true")
        editor.set_input_files("input[type=file]", picture)
        editor.fill("input[name=alt]", "Người dân quét dọn ngõ 85 phố Hạ Đình")
        editor.click("main form[method=post] button")
        editor.wait_for_selector(f".gallery li:nth-child({number + 1})")
    _write(pages["author"], site, "Mời họp tổ dân phố số 7", "submit")
    public = _write(editor, site, TITLE, "publish")
    editor.goto(public)
    editor.click(".wse-content")
    editor.keyboard.type(" Đề nghị mang theo dụng cụ. ")
    editor.click("button[name=then][value=save]")
    editor.wait_for_load_state()
    PLACES["public"] = public.removeprefix(site)


def _scene(sky: str, ground: str) -> bytes:
    image = Image.new("RGB", (800, 500), sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 330, 800, 500), fill=ground)
    draw.rectangle((420, 180, 660, 330), fill="#e9dfc8")
    draw.polygon(((400, 180), (540, 90), (680, 180)), fill="#9b4a2c")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _take(
    page: Page, url: str, target: str, prepare: Callable[[Page], None] | None, name: str
) -> None:
    for place, path in PLACES.items():
        url = url.replace("{" + place + "}", path)
    page.goto(url)
    if prepare is not None:
        prepare(page)
    page.wait_for_load_state("networkidle")
    page.locator(target).first.evaluate(OUTLINE)
    page.wait_for_timeout(300)
    page.locator(target).first.evaluate(OUTLINE)  # the editor may have moved it meanwhile
    page.wait_for_timeout(100)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize(PICTURE_SIZE)
    image.save(FOLDER / f"{name}.webp", quality=58, method=6)


def _typing(page: Page) -> None:
    page.fill("#title", TITLE)
    page.click(".wse-content")
    page.keyboard.type(BODY)


def _legacy(page: Page) -> None:
    page.click(".wse-content")
    page.evaluate(PASTE, [TCVN3])
    page.wait_for_selector("#legacy[open]")


def _library(page: Page) -> None:
    page.click("[data-open-library=body]")
    page.wait_for_selector("#library .pick")


def _documents(page: Page) -> None:
    _typing(page)
    page.keyboard.press("Enter")
    page.click("[data-tool=document]")
    page.fill(".wse-dialog [type=search]", "1208")
    page.wait_for_selector("text=Có 1 văn bản")
    page.check(".wse-choice input")


def _first(selector: str) -> Callable[[Page], None]:
    def follow(page: Page) -> None:
        page.click(selector)
        page.wait_for_load_state()

    return follow


def _waiting(ending: str) -> Callable[[Page], None]:
    def follow(page: Page) -> None:
        page.click("main table a")
        page.goto(page.url + ending)

    return follow


PLACES: dict[str, str] = {}
SHOTS: dict[str, tuple[str, str, str, Callable[[Page], None] | None]] = {
    "viet-bai": ("editor", f"{NEWS}/viet", ".wse", _typing),
    "xem-truoc": ("editor", "{public}/xem-truoc", ".screen", None),
    "mau": ("editor", f"{NEWS}/mau", ".kinds", None),
    "mau-cau-hoi": ("editor", f"{NEWS}/mau/giay-moi", "main form .field:nth-of-type(2)", None),
    "phong-cu": ("editor", f"{NEWS}/viet", "[data-accept]", _legacy),
    "anh-thu-vien": ("editor", f"{NEWS}/viet", "#library .pick", _library),
    "chen-van-ban": ("editor", f"{NEWS}/viet", ".wse-choices", _documents),
    "anh-mot": ("editor", "/quan-tri/hinh-anh", "#alt", _first(".gallery a")),
    "duyet": ("editor", f"{NEWS}?trang-thai=submitted", "main form.actions", _waiting("/dang")),
    "tra-lai": ("editor", f"{NEWS}?trang-thai=submitted", "#comment", _waiting("/tra-lai")),
    "hen-gio": ("editor", f"{NEWS}/viet", "fieldset:has(#publish_at)", _typing),
    "lich-su": ("editor", "{public}/lich-su/2", ".difference", None),
    "thung-rac": ("editor", f"{NEWS}?trang-thai=binned", "main .row form", None),
    "ap-phich": ("editor", "{public}", "section:has(> #paper)", None),
    "van-ban": ("editor", "/quan-tri/van-ban/them", "main input[type=file]", None),
    "phan-anh": ("editor", "/quan-tri/phan-anh", "main table", None),
    "phan-anh-tra-loi": ("editor", "/quan-tri/phan-anh", "main textarea", _first("main table a")),
    "nguon-tin": ("editor", "/quan-tri/nguon-tin", "main form .review, main form", None),
    "cap-tren": ("editor", "/quan-tri/chi-dao", ".locked", None),
    "trang-nhan-su": ("editor", "/quan-tri/trang", "main ul, main table", None),
    "tai-khoan": ("editor", "/quan-tri/tai-khoan", "main a[href*='mat-khau']", None),
    "thiet-lap": ("admin", "/quan-tri/cai-dat", "main form .field", None),
}
"""File name → who opens which page, what is outlined on it, and what is done there first."""

if __name__ == "__main__":
    main()
