"""How tests write a post: through the officers' own form."""

from typing import Any

from tests.page import Browser, Page

NEW = "/quan-tri/tin-tuc/viet"
BODY = "<p>Trạm Y tế phường tiêm chủng từ 7 giờ 30 đến 11 giờ 30.</p>"


def category_id(browser: Browser, name: str) -> str:
    """Return the value that the form's select gives a category."""
    options = browser.get(NEW).one("select", id="category_id").all("option")
    return next(option["value"] for option in options if option.text == name)


def write_post(
    browser: Browser,
    title: str,
    *,
    then: str = "publish",
    category: str = "Thông báo",
    body: str = BODY,
    status: int = 200,
    **more: Any,
) -> Page:
    """Fill in the form and press one of its buttons: save, publish or preview."""
    fields = {
        "title": title,
        "body_html": body,
        "category_id": category_id(browser, category),
        "then": then,
        **more,
    }
    return browser.post(NEW, status=status, **fields)


def post_id(page: Page) -> int:
    """Return the number of the post whose edit page this is."""
    return int(page.url.rpartition("/")[2])
