"""Text set with care, on its way to the page: what belongs together stays on one line.

Only the rendering changes, and what a page says stays letter for letter what was typed, so that
searching in it and copying from it go on as before: words are held together by
`<span class="nb">` (white-space: nowrap), not by other spaces or by U+2011, which no search for
`Covid-19` would find. Straight quotation marks alone become “ ”, as Vietnamese print has them,
where it is plain which one opens and which closes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_UPPER = "A-ZÀ-ÝĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
_LOWER = "a-zà-ýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"
# Words of two syllables that a ward's headings are full of. A browser balances a heading by
# syllables, since Vietnamese writes a space between them, and would part “điện | tử”.
_COMPOUNDS = re.compile(
    r"(?<!\w)(?:"
    "an toàn|bài viết|bàn giao|bảng tính|báo cáo|bảo đảm|bảo hiểm|bảo vệ|bắt buộc|bầu cử|biên bản|"
    "biểu ngữ|biểu tượng|bộ phận|cài đặt|cán bộ|cảnh báo|cập nhật|cấp trên|cấu hình|câu hỏi|"
    "chất lượng|chế độ|chỉ đạo|chỉ thị|chính phủ|chính sách|chính thống|chuyên đề|chuyển đổi|"
    "chuyên mục|chức năng|chứng thực|chương trình|công an|công dân|công khai|công tác|công văn|"
    "công việc|cơ quan|cơ sở|cuộc họp|danh sách|dân phố|dịch bệnh|dịch vụ|dữ liệu|đại biểu|đảm bảo|"
    "đăng ký|đăng nhập|đất đai|đề xuất|địa chỉ|địa phương|điện thoại|điện tử|điều hành|đô thị|"
    "đối tượng|đồng bộ|đơn vị|đường dẫn|đường dây|đường phố|gia đình|giải quyết|giao diện|giáo dục|"
    "giao thông|giáo viên|giấy mời|giới thiệu|hạn chế|hành chính|hệ thống|hiệu lực|hình ảnh|"
    "hoàn thiện|hoạt động|học sinh|hộ tịch|hỗ trợ|hội đồng|hội nghị|hướng dẫn|kế hoạch|kết luận|"
    "kết quả|khả năng|khen thưởng|khiếu nại|khôi phục|khử khuẩn|kiểm tra|kiến nghị|kinh tế|kỷ niệm|"
    "lãnh đạo|lao động|lăng quăng|lịch sử|liên hệ|liên kết|mặt bằng|mặt trận|mật khẩu|môi trường|"
    "năm học|ngân sách|nghị định|nghị quyết|nghĩa vụ|ngoại tuyến|nguồn tin|người dân|người dùng|"
    "nhà nước|nhà trường|nhân dân|nhân sự|nhật ký|nhiệm vụ|nội dung|nông thôn|phản ánh|pháp luật|"
    "phát triển|phổ biến|phụ huynh|phụ nữ|phụ trách|phương án|quan hệ|quản lý|quân sự|quy định|"
    "quy hoạch|quyền lợi|quyết định|sao lưu|sơ kết|sử dụng|sự kiện|sức khỏe|tài khoản|tài liệu|"
    "tăng cường|tập tin|tham gia|thanh niên|thành phố|thi đua|thiên tai|thiết bị|thiết lập|"
    "thông báo|thông tin|thông tư|thời gian|thời hạn|thủ tục|thư điện tử|thực đơn|thực hiện|"
    "tiêm chủng|tiêu đề|tìm kiếm|tin tức|tình trạng|tố cáo|tổ chức|tổng kết|tổng quan|tờ trình|"
    "trách nhiệm|trật tự|trẻ em|trích yếu|triển khai|trình đơn|trợ giúp|trực tiếp|trực tuyến|"
    "trường học|trường hợp|tuyển quân|tuyển sinh|tuyên truyền|ủy ban|ứng dụng|vắc[ -]xin|văn bản|"
    "văn hóa|văn minh|vệ sinh|việc làm|xã hội|xác thực|xây dựng|xuất huyết|y tế"
    r")(?!\w)",
    re.IGNORECASE,
)
_LONGEST_NAME = 14  # characters held together: more would not fit a line of a narrow telephone

_BEFORE_NUMBER = "ngày|tháng|năm|quý|điều|khoản|mục|chương|phụ lục"
_AFTER_NUMBER = (
    "%|‰|°C|độ|km²|m²|km|cm|mm|m|kg|mg|ml|lít|giờ|phút|giây|ngày|tháng|năm|tuần|tuổi|đồng|nghìn|"
    "triệu|tỷ|tỉ|người|ca|liều|mũi|lần|hộ|em|USD|KB|MB|GB"
)
_BEFORE_NAME = "ông|bà|đồng chí|PGS[.]|GS[.]|TS[.]|ThS[.]|BS[.]|TP[.]"
# Gaps at which no line may end; the gap is what the pattern matches.
_GAPS = (
    re.compile(rf"(?:(?<!\w)(?:{_BEFORE_NUMBER}))( )(?=[0-9])", re.IGNORECASE),
    re.compile(rf"(?<=[0-9])( )(?=(?:{_AFTER_NUMBER})(?!\w| [0-9]))"),
    re.compile(rf"(?:(?<!\w)(?:{_BEFORE_NAME}))( )(?=[{_UPPER}])", re.IGNORECASE),
    re.compile(r"(?<=[0-9]{2})( )(?=[0-9]{3})"),  # telephones and long numbers in groups
    re.compile(r"(?<=[0-9])( )(?=[–-] [0-9])"),
    re.compile(r"(?<=[0-9] [–-])( )(?=[0-9])"),
)
# Two or more syllables that begin with a capital: a name of a person or a place.
_NAME = re.compile(rf"(?<![\w-])[{_UPPER}][{_LOWER}]+(?: [{_UPPER}][{_LOWER}]+)+(?![\w-])")
# Words that a browser would break at the hyphen, slash or dash within.
_HYPHENATED = re.compile(
    rf"(?<![\w/.-])(?:[0-9]{{1,5}}(?:/[0-9]{{4}})?/[{_UPPER}][{_UPPER}0-9]*(?:-[{_UPPER}0-9]+)*"
    rf"|[{_UPPER}][{_UPPER}{_LOWER}]{{0,11}}(?:-[{_UPPER}]\w{{0,5}})*-[0-9]{{1,3}}"
    r"|[0-9]{1,2}[hg:][0-9]{0,2}[–-][0-9]{1,2}[hg:][0-9]{0,2})(?![\w/-])"
)
_QUOTES = re.compile(r'(?<![^\s([{–“])"(?=[^\s"])(?P<said>[^"“”<>\n]*[^\s"“”<>(\[{])"(?!\w)')
_TAG = re.compile(r"(<[^>]*>)")
_HEADING = re.compile(r"<(?P<end>/)?h[1-6]\b")


def curl_quotes(text: str) -> str:
    """Return plain text with “ ” for straight quotation marks that clearly open and close."""
    return _QUOTES.sub("“\\g<said>”", text)


def bind_markup(html: str, compounds: bool = False) -> str:
    """Return escaped text or clean HTML (as `markup.sanitize` writes it), set with care.

    Tags and attributes are left alone; only `<span class="nb">` and quotation marks are new.
    Headings hold common words of two syllables together too; `compounds`: it is all one heading.
    """
    pieces = _TAG.split(html)
    heading = compounds
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pieces[at] = _hold(curl_quotes(piece), heading)
        elif found := _HEADING.match(piece):
            heading = compounds or not found["end"]
    return "".join(pieces)


def _hold(text: str, compounds: bool) -> str:
    """Return text with spans around what may not be broken."""
    written, end = [], 0
    spans = [*_spans(text), *(found.span() for found in _COMPOUNDS.finditer(text) if compounds)]
    for start, stop in _merged(sorted(spans)):
        written += [text[end:start], '<span class="nb">', text[start:stop], "</span>"]
        end = stop
    return "".join(written) + text[end:]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each stretch to hold; they may overlap."""
    for found in _HYPHENATED.finditer(text):
        yield found.span()
    for name in _NAME.finditer(text):
        yield from (part for part in _parts_of_name(name) if " " in text[slice(*part)])
    for pattern in _GAPS:
        for gap in pattern.finditer(text):
            yield _word_start(text, gap.start(1)), _word_end(text, gap.end(1))


def _parts_of_name(name: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a name that fit, from its end, where the given name is."""
    words = list(re.finditer(r"\S+", name[0]))
    end = words[-1].end()
    start = words[-1].start()
    for word in reversed(words[:-1]):
        if end - word.start() > _LONGEST_NAME:
            yield name.start() + start, name.start() + end
            end = word.end()
        start = word.start()
    yield name.start() + start, name.start() + end


def _word_start(text: str, gap: int) -> int:
    return max(text.rfind(" ", 0, gap), text.rfind("\n", 0, gap)) + 1


def _word_end(text: str, gap: int) -> int:
    ends = [at for at in (text.find(" ", gap), text.find("\n", gap)) if at >= 0]
    return min(ends, default=len(text))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join stretches that overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
