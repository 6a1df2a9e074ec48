"""Feeds as they really come, and as no feed should."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardsite.core import feeds
from wardsite.core.feeds import (
    DoctypeError,
    FeedEntry,
    FeedFormatError,
    Known,
    judge,
    link_key,
    newest,
    parse_date,
    speaks_of,
)
from wardsite.core.vi import short_stamp

DATA = Path(__file__).parent.parent / "data" / "feeds"
URL = "https://cong-mau.example.vn/rss"
NOW = datetime(2020, 8, 13, tzinfo=UTC)


def read(body: str | bytes, content_type: str = "") -> list[FeedEntry]:
    raw = body.encode() if isinstance(body, str) else body
    return list(feeds.parse(raw, URL, content_type).entries)


def rss(item: str) -> str:
    return f"<rss><channel><title>Kênh</title><item>{item}</item></channel></rss>"


def sample(name: str) -> list[FeedEntry]:
    return read((DATA / name).read_bytes())


def stamps(entries: list[FeedEntry]) -> list[str]:
    return [short_stamp(e.published_at) if e.published_at else "" for e in entries]


class TestTheSamples:
    def test_vnexpress_style(self) -> None:
        entries = sample("vnexpress-style.rss.xml")
        assert stamps(entries) == ["12/08/2020 16:09", "12/08/2020 09:00", "11/08/2020 23:59"]
        assert entries[0].title.endswith('"ngoặc kép", dấu & và chữ Đ')
        assert entries[0].summary.startswith("[MẪU] Đoạn tóm tắt")
        assert entries[1].link == "https://bao-mau.example.vn/tin-kiem-thu-so-2-1000002.html"

    def test_gmt7_without_guid(self) -> None:
        entries = sample("gmt7-no-guid.rss.xml")
        assert stamps(entries) == [
            "12/08/2020 10:30",
            "12/08/2020 09:15",
            "12/08/2020 08:00",
            "12/08/2020 10:31",
            "",
        ]
        assert entries[2].title.startswith('[MẪU] Múi giờ viết +07:00, có "thực thể"')
        assert entries[2].summary == "[MẪU] Tóm tắt có thực thể HTML & phải bị loại bỏ."
        assert entries[4].link == "https://cong-mau.example.vn/tin-mau-d-169200812000004.htm"
        kept = newest(entries, 10, NOW)
        assert len(kept) == 4, "the fourth is the first with a tracking parameter"

    def test_a_portal_s_atom(self) -> None:
        entries = sample("portal-atom.xml")
        assert stamps(entries) == ["12/08/2020 10:30", "11/08/2020 23:59"]
        assert "phường Thượng Đình" in entries[1].title, "NFC"
        assert entries[1].summary == "[MẪU] Nội dung"

    def test_a_broken_one_is_read_and_reported(self) -> None:
        feed = feeds.parse((DATA / "broken-leading-newline.rss.xml").read_bytes(), URL)
        (entry,) = feed.entries
        assert entry.link == "https://cong-mau.example.vn/x.aspx?id=1&c=2"
        assert stamps([entry]) == ["12/08/2020 10:30"]
        assert "line 2" in feed.fault


RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://x.example/"><title>Kênh</title><link>https://x.example/</link></channel>
<item rdf:about="https://x.example/1"><title>Tin một</title><link>https://x.example/1</link>
<dc:date>2020-08-12T10:30:00+07:00</dc:date></item>
<item rdf:about="https://x.example/2"><title>Tin hai</title><link>https://x.example/2</link></item>
</rdf:RDF>"""

JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "Kênh", "items": [
{"id": 7, "url": "https://x.example/7", "title": "Tin bảy", "content_html": "<p>Tóm <b>tắt</b></p>",
"date_published": "2020-08-12T03:30:00Z"}, {"id": "8"}, "rác"]}"""


class TestKinds:
    def test_rss_1(self) -> None:
        entries = read(RDF)
        assert [e.title for e in entries] == ["Tin một", "Tin hai"]
        assert stamps(entries) == ["12/08/2020 10:30", ""]

    def test_json_feed(self) -> None:
        (entry,) = read(JSON_FEED)
        assert (entry.key, entry.title, entry.summary) == ("7", "Tin bảy", "Tóm tắt")
        assert stamps([entry]) == ["12/08/2020 10:30"]

    def test_atom_takes_the_alternate_link_and_its_own_title(self) -> None:
        (entry,) = read(
            '<feed xmlns="http://www.w3.org/2005/Atom"><entry>'
            "<source><title>Nguồn khác</title><updated>2019-01-01T00:00:00Z</updated></source>"
            '<link rel="edit" href="/sua"/><link href="/xem?a=1&amp;b=2" title="a>b"/>'
            '<title type="html">Tin &lt;b&gt;đậm&lt;/b&gt;</title>'
            "<updated>2020-08-12T03:30:00Z</updated></entry></feed>"
        )
        assert entry.link == "https://cong-mau.example.vn/xem?a=1&b=2"
        assert entry.title == "Tin đậm"
        assert stamps([entry]) == ["12/08/2020 10:30"]


class TestQuirks:
    @pytest.mark.parametrize(
        ("item", "link"),
        [
            ("<title>t</title><link>\n https://a.example/1 \n</link>", "https://a.example/1"),
            ("<title>t</title><guid>https://a.example/1</guid>", "https://a.example/1"),
            ("<title>t</title><link>//a.example/1</link>", "https://a.example/1"),
            ("<title>t</title><link>/x y</link>", "https://cong-mau.example.vn/x%20y"),
            (
                "<title>t</title><link>https://a.example/?a=1&copy=2&reg</link>",
                "https://a.example/?a=1&copy=2&reg",
            ),
            (
                "<title>t</title><link>https://a.example/tin-đầu</link>",
                "https://a.example/tin-%C4%91%E1%BA%A7u",
            ),
            (
                "<media:thumbnail url='x'/><media:title>khác</media:title><title>t</title>"
                "<atom:link href='https://a.example/1'/>",
                "https://a.example/1",
            ),
        ],
    )
    def test_links(self, item: str, link: str) -> None:
        (entry,) = read(rss(item))
        assert (entry.title, entry.link) == ("t", link)

    @pytest.mark.parametrize(
        ("description", "summary"),
        [
            ("<![CDATA[<a href='x'><img src='y'></a></br>Tóm tắt]]>", "Tóm tắt"),
            ("Chưa bọc <b>HTML</b>, </br>thẻ lạc", "Chưa bọc HTML, thẻ lạc"),
            ("&lt;p&gt;Đã thoát&lt;/p&gt; A&amp;amp;B", "Đã thoát A&B"),
            ("A & B&nbsp;&#7849;&#x1EA9;", "A & B ẩẩ"),
            ("<![CDATA[a]]> và <![CDATA[b]]>", "a và b"),
            ("<![CDATA[<script>alert(1)</script>Chữ<style>x{}</style>]]>", "Chữ"),
            ("x" * 500, "x" * 299 + "…"),
            ("chữ \x0b\x00 điều khiển", "chữ điều khiển"),
        ],
    )
    def test_summaries(self, description: str, summary: str) -> None:
        body = rss(f"<title>t</title><link>/1</link><description>{description}</description>")
        assert read(body)[0].summary == summary

    @pytest.mark.parametrize(
        ("encoding", "declared", "content_type"),
        [
            ("cp1258", "windows-1258", ""),
            ("cp1258", "khong-co-that", ""),
            ("cp1258", "", "text/xml; charset=windows-1258"),
            ("utf-8", "windows-1258", ""),
            ("utf-8-sig", "utf-8", ""),
            ("utf-16", "utf-16", ""),
        ],
    )
    def test_encodings(self, encoding: str, declared: str, content_type: str) -> None:
        head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
        # cp1258 has no precomposed letters with a tone: it writes the tone after its letter.
        title = "Phươ\u0300ng đe\u0323p" if encoding == "cp1258" else "Phường đẹp"
        body = (head + rss(f"<title>{title}</title><link>/1</link>")).encode(encoding)
        assert read(body, content_type)[0].title == ("Phường đẹp")

    def test_an_item_without_title_or_address_is_passed_over(self) -> None:
        assert read(rss("<link>/1</link>")) == []
        assert read(rss("<title>t</title>")) == []
        assert read(rss("<title>t</title><link>javascript:alert(1)</link>")) == []
        assert read(rss("<title>t</title><link>https://user:pw@a.example/</link>")) == []
        assert read(rss("<title>t</title><link>data:text/html,x</link>")) == []

    def test_a_feed_cut_off_gives_what_came(self) -> None:
        body = rss("<title>một</title><link>/1</link>")
        cut = body.replace("</channel></rss>", "<item><title>hai</title><link>/2</link><descr")
        assert [entry.title for entry in read(cut)] == ["một", "hai"]

    def test_a_feed_without_items_is_a_feed(self) -> None:
        assert read("<rss><channel></channel></rss>") == []


class TestDates:
    @pytest.mark.parametrize(
        "text",
        [
            "Wed, 12 Aug 2020 10:30:00 +0700",
            "Wed, 12 Aug 2020 10:30:00 +07:00",
            "Wed, 12 Aug 2020 10:30:00 GMT+7",
            "Wed, 12 Aug 2020 10:30:00 gMt + 7",
            "Wed, 12 Aug 2020 10:30:00 GMT+07:00",
            "Wed, 12 Aug 2020 10:30:00 ICT",
            "Wed, 12 Aug 2020 03:30:00 GMT",
            "Thứ 4, 12/08/2020 10:30:00 GMT+7",
            "Thứ tư, 12/8/2020 10:30",
            "Thứ Tư, ngày 12/08/2020 - 10:30",
            "12/08/2020 10:30",
            "12-08-2020 10h30",
            "10:30 12/08/2020",
            "10:30, 12/08/2020",
            "8/12/2020 10:30:00 AM",
            "2020-08-12T10:30:00+07:00",
            "2020-08-12T03:30:00Z",
            "2020-08-12 10:30:00",
        ],
    )
    def test_all_mean_the_same_moment(self, text: str) -> None:
        assert parse_date(text) == datetime(2020, 8, 12, 3, 30, tzinfo=UTC)

    def test_a_vietnamese_sunday(self) -> None:
        assert parse_date("Chủ nhật, 16/08/2020 08:00") == datetime(2020, 8, 16, 1, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["", "hôm qua", "32/13/2020 10:30", "0001-01-01", "9" * 90])
    def test_what_is_no_date_is_none(self, text: str) -> None:
        assert parse_date(text) is None

    @given(st.text())
    def test_no_text_is_an_error(self, text: str) -> None:
        moment = parse_date(text)
        assert moment is None or moment.tzinfo is not None


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    "<rss><channel><item><title>&b;</title><link>/1</link></item></channel></rss>"
)


class TestHostile:
    @pytest.mark.parametrize(
        "body",
        [
            BOMB,
            "\n" + BOMB,
            BOMB.replace("<!DOCTYPE", "<!doctype"),
            BOMB.encode("utf-16"),
            '<rss><channel><!DOCTYPE x SYSTEM "file:///etc/passwd"></channel></rss>',
        ],
    )
    def test_a_document_type_is_refused(self, body: str | bytes) -> None:
        with pytest.raises(DoctypeError):
            read(body)

    def test_a_document_type_in_quoted_text_is_text(self) -> None:
        body = rss(
            "<title>t</title><link>/1</link><description><![CDATA[<!DOCTYPE]]></description>"
        )
        assert len(read(body)) == 1

    @pytest.mark.parametrize(
        "body", ["", " \n", "xin chào", "<html><p>Bảo trì</p></html>", "{", "[]", '{"items": 3}']
    )
    def test_what_is_no_feed_is_refused(self, body: str) -> None:
        with pytest.raises(FeedFormatError):
            read(body)

    def test_json_that_nests_without_end_is_refused(self) -> None:
        with pytest.raises(FeedFormatError):
            read('{"items":' + "[" * 200_000)

    @pytest.mark.parametrize(
        "piece",
        ["<a '", "<", "<![CDATA[", "<!--", "<a b='>", "&#x", "</", "<item>", "<title>", "<?"],
    )
    def test_markup_made_to_be_slow_is_read_through(self, piece: str) -> None:
        # In quadratic time this would take hours.
        list(feeds.parse(("<rss><item><title>" + piece * 200_000).encode(), URL).entries)

    @given(st.binary(max_size=400))
    def test_any_bytes_are_a_feed_or_refused(self, body: bytes) -> None:
        try:
            entries = read(b"<rss><item>" + body)
        except FeedFormatError:
            return
        for entry in entries:
            assert entry.link.startswith(("http://", "https://"))
            assert entry.title

    @given(st.text(st.sampled_from("<>/!&;'\" ab:=[]?-titlelinkem"), max_size=200))
    def test_any_markup_is_a_feed_or_refused(self, text: str) -> None:
        try:
            read("<rss><item><title>t</title><link>/1</link>" + text)
        except FeedFormatError:
            return


def entry(n: int = 1, **changes: object) -> FeedEntry:
    values = {
        "key": str(n),
        "link": f"https://a.example/{n}",
        "title": f"Tin {n}",
        "summary": "",
        "published_at": NOW - timedelta(hours=n),
    }
    return FeedEntry(**(values | changes))  # type: ignore[arg-type]


class TestWhatIsNew:
    def test_the_newest_are_taken_and_each_article_once(self) -> None:
        feed = [entry(3), entry(1), entry(2), entry(9, link="http://www.a.example/1/#x")]
        assert [e.key for e in newest(feed, 2, NOW)] == ["1", "2"]
        assert [e.key for e in newest(feed, 9, NOW)] == ["1", "2", "3"]

    def test_a_date_in_the_future_counts_as_now(self) -> None:
        (kept,) = newest([entry(published_at=NOW + timedelta(days=400))], 5, NOW)
        assert kept.published_at == NOW

    @pytest.mark.parametrize(
        ("known", "given_entry", "verdict"),
        [
            (None, entry(), "new"),
            (None, entry(published_at=None), "new"),
            (None, entry(published_at=NOW - timedelta(days=91)), "old"),
            (Known("Tin 1", "", NOW - timedelta(hours=1), False), entry(), "same"),
            (Known("Tin 1", "", NOW, False), entry(), "same"),
            (Known("Tin 1", "", NOW, True), entry(), "changed"),
            (Known("Tin 1", "", NOW, True), entry(published_at=None), "same"),
            (Known("Tin một", "", NOW, False), entry(), "changed"),
        ],
    )
    def test_verdicts(self, known: Known | None, given_entry: FeedEntry, verdict: str) -> None:
        assert judge(given_entry, known, NOW, 90) == verdict

    def test_keywords_are_whole_words_without_marks(self) -> None:
        assert speaks_of(entry(title="Thêm ca mắc COVID-19"), ["covid"])
        assert speaks_of(entry(summary="Tiêm vắc-xin"), ["vắc xin"])
        assert not speaks_of(entry(title="Covidien"), ["covid"])
        assert speaks_of(entry(), [])

    def test_links_to_one_article_are_one(self) -> None:
        same = {
            "https://a.example/tin?id=1",
            "http://www.a.example/tin/?id=1&utm_source=rss&utm_medium=x#binh-luan",
            "https://A.example/tin?fbclid=abc&id=1",
        }
        assert len({link_key(link) for link in same}) == 1
        assert link_key("https://a.example/tin?id=2") != link_key("https://a.example/tin?id=1")
