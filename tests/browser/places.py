"""Every page of the site, read off the application: a new page is looked at from its first day."""

from flask import Flask

from tests.page import Browser

ARTICLE = "/tin-tuc/covid-19/mau-huong-dan-nguoi-dan-cai-dat-ung-dung-bluezone"
# Pages whose address has a part that varies, states of a page, and pages of errors.
MORE_PUBLIC = (ARTICLE, f"{ARTICLE}?ban-in=1", "/tin-tuc/thong-bao", "/khong-co-trang-nay")
MORE_PUBLIC += ("/tim-kiem?q=covid", "/tim-kiem?q=zzz", "/van-ban?q=zzz", "/en/", "/en/covid-19")
# The notice in a withdrawn post's place, 410 (the second sample).
WITHDRAWN = "/tin-tuc/tin-tuc-su-kien/mau-tin-hoat-dong-cua-don-vi"
# The same of an office in full use (tests/browser/full_desk.py).
FULL_PUBLIC = ("/van-ban/15-qd-ubnd", "/phan-anh/tra-loi/3", "/trang/thuc-don-tuan-48")
FULL_OFFICERS = ("/en/quan-tri", "/quan-tri/van-ban/5", "/quan-tri/phan-anh/1")
FULL_OFFICERS += ("/quan-tri/phan-anh/3", "/quan-tri/phan-anh/1/xoa", "/quan-tri/can-bo/2")
FULL_OFFICERS += ("/quan-tri/can-bo/1", "/quan-tri/can-bo/2/ban-giao")
FULL_OFFICERS += ("/quan-tri/trang/trang", "/quan-tri/trang/trang/1", "/quan-tri/trang/can-bo")
FULL_OFFICERS += ("/quan-tri/trang/lien-ket", "/quan-tri/trang/lien-ket/them")
FULL_OFFICERS += ("/quan-tri/trang/lich", "/quan-tri/tin-tuc/1/lich-su", "/quan-tri/tin-tuc/1/go")
FULL_OFFICERS += ("/quan-tri/tin-tuc/1/dang", "/quan-tri/tin-tuc/1/tra-lai")
FULL_OFFICERS += ("/quan-tri/tin-tuc/4/lich-su/1", "/quan-tri/tin-tuc/2")
FULL_OFFICERS += ("/quan-tri/tin-tuc/mau/giay-moi", "/quan-tri/tro-giup/dang-tin")


def pages(browser: Browser, officers: bool) -> list[str]:
    """Return the addresses that answer this browser with a page of HTML: officers' or public."""
    app: Flask = browser.client.application
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments - set(rule.defaults or {}):
            continue
        if rule.rule.startswith("/quan-tri") != officers:
            continue
        answer = browser.client.get(rule.rule)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found.append(rule.rule)
    return sorted(found)
