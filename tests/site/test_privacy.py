"""What is held of people: the pages say it, and the table is held to the database."""

from collections.abc import Callable

from tests.page import Browser
from wardsite.extensions import Base
from wardsite.site.privacy import HELD, NOT_ABOUT_PEOPLE


def test_every_table_of_the_database_is_told_of_or_is_not_about_people() -> None:
    told = {table for holding in HELD for table in holding.tables}
    assert not told & NOT_ABOUT_PEOPLE
    assert told | NOT_ABOUT_PEOPLE == set(Base.metadata.tables)


def test_residents_read_what_is_held_why_and_how_long(client: Browser) -> None:
    text = client.get("/quyen-rieng-tu").text
    assert "12 giờ không sử dụng, nhiều nhất 14 ngày" in text
    assert "Mười ba tháng, sau đó xoá" in text or "Mười ba tháng, sau đó xóa" in text
    assert text.count("Thời hạn lưu") == len(HELD)
    assert "Với mã tra cứu, người gửi xem toàn bộ" in text
    assert "lâu nhất 6 tháng" in text  # of backups
    assert "/quyen-rieng-tu" in client.get("/").links
    assert "Kept for" in client.get("/en/quyen-rieng-tu").text


def test_the_dossier_is_prefilled_and_says_it_is_a_draft(
    signed_in: Callable[[str], Browser],
) -> None:
    page = signed_in("admin").get("/quan-tri/ho-so-an-toan")
    assert "Trang thông tin điện tử Phường Hạ Đình" in page.text
    assert "bản dự thảo" in page.text
    assert "1 tác giả" in page.text
    # No decree is named that could not be read: the unit is to compare.
    assert "cần đối chiếu với Luật, nghị định hiện hành" in page.text
    parts = [heading.text[:8] for heading in page.all("h2") if heading.text.startswith("Phần")]
    assert parts == ["Phần I. ", "Phần II.", "Phần III"]
    signed_in("editor").get("/quan-tri/ho-so-an-toan", 403)
