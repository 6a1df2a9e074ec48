"""A constructed corpus (MẪU DỰNG, không phải tin thật) and what each query should find first.

A judgement names the entries that must come first, in any order among themselves, then `!` those
that must not be found at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from wardsite.search.service import Entry

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
GATES = ("document:1208", "document:1979", "source:syt")

ISSUED = {
    "1208": datetime(2020, 8, 11, 17, tzinfo=UTC),  # midnight in Vietnam
    "1979": datetime(2020, 8, 5, 17, tzinfo=UTC),
}
# name: kind, title, body, code
TEXTS: dict[str, tuple[str, str, str, str]] = {
    "tiem": (
        "post",
        "Lịch tiêm chủng vắc xin tháng 11",
        "Trạm Y tế tiêm chủng cho trẻ.",
        "",
    ),
    "tiem-cu": ("post", "Kết quả tiêm vắc-xin phòng Covid-19", "Đã tiêm 12.450 mũi.", ""),
    "khau-trang": (
        "post",
        "Phát khẩu trang miễn phí cho người cao tuổi",
        "Hội Chữ thập đỏ phường Hạ Đình phát khẩu trang tại nhà văn hóa tổ dân phố số 5.",
        "",
    ),
    "rac": (
        "post",
        "Thu gom rác thải sinh hoạt theo giờ mới",
        "Công nhân môi trường thu gom rác từ 18 giờ. Đeo khẩu trang khi đổ rác.",
        "",
    ),
    "hoa-binh": ("post", "Kỷ niệm ngày quốc tế vì hoà bình", "Mít tinh tại đình làng.", ""),
    "hoa": ("post", "Hội thi cắm hoa của Hội Phụ nữ", "Hoa tươi, hoa khô.", ""),
    "hoa-hoan": ("post", "Diễn tập phòng cháy, chữa cháy", "Xử lý hỏa hoạn ở chung cư.", ""),
    "thuy": ("post", "Bổ nhiệm bà Nguyễn Thị Thủy", "Phó Chủ tịch Ủy ban nhân dân phường.", ""),
    "dinh-lang": (
        "post",
        "Lễ hội đình làng Hạ Đình",
        "Rước kiệu từ đình làng ra phố.",
        "",
    ),
    "quyet-dinh": ("post", "Công bố quyết định khen thưởng", "Gia đình văn hoá tiêu biểu.", ""),
    "gia-dinh": ("post", "Ngày Gia đình Việt Nam 28/6", "Toạ đàm về hạnh phúc gia đình.", ""),
    "dien": ("post", "Lịch ngừng cung cấp điện", "Điện lực Thanh Xuân sửa chữa đường dây.", ""),
    "dien-tu": ("post", "Hướng dẫn nộp hồ sơ điện tử", "Qua Cổng dịch vụ công quốc gia.", ""),
    "tuyen-sinh": ("post", "Tuyển sinh lớp 1 năm học 2026–2027", "Hồ sơ gồm giấy khai sinh.", ""),
    "khai-sinh": (
        "post",
        "Thủ tục đăng ký khai sinh",
        "Nộp tại bộ phận một cửa, mang theo giấy chứng sinh và căn cước của cha mẹ.",
        "",
    ),
    "mot-cua": ("page", "Bộ phận một cửa", "Giờ tiếp công dân: 8 giờ đến 17 giờ.", ""),
    "tiep-dan": ("page", "Lịch tiếp công dân của Chủ tịch", "Thứ Năm hằng tuần, phòng 102.", ""),
    "lien-he": ("page", "Liên hệ", "Số 1 phố Mẫu. Điện thoại 024 3858 0000.", ""),
    "gioi-thieu": ("page", "Giới thiệu", "Phường Hạ Đình có 25 tổ dân phố.", ""),
    "1208": (
        "directive",
        "V/v tăng cường tuyên truyền phòng, chống dịch, bệnh Covid-19",
        "1208/UBND-VHTT Ủy ban nhân dân quận Thanh Xuân. Ứng dụng Bluezone.",
        "1208/UBND-VHTT",
    ),
    "1979": (
        "directive",
        "Tăng cường tuyên truyền phòng, chống dịch trên trang thông tin điện tử",
        "1979/STTTT-TTĐT Sở Thông tin và Truyền thông Hà Nội",
        "1979/STTTT-TTĐT",
    ),
    "het-hieu-luc": ("directive", "Chỉ đạo đã rút", "Giãn cách theo văn bản cũ.", "77/UBND"),
    "15-qd": (
        "document",
        "Quyết định thành lập Tổ Covid-19 cộng đồng",
        "Ủy ban nhân dân phường Hạ Đình",
        "15/QĐ-UBND",
    ),
    "15-kh": ("document", "Kế hoạch cải cách hành chính", "UBND phường", "15/KH-UBND"),
    "115-tb": ("document", "Thông báo nghỉ Tết Nguyên đán", "Trực đêm giao thừa.", "115/TB-UBND"),
    "nd30": ("document", "Nghị định về công tác văn thư", "Chính phủ", "30/2020/NĐ-CP"),
    "ngan-sach": (
        "document",
        "Công khai dự toán ngân sách năm 2026",
        "Tổng thu, chi.",
        "8/TB",
    ),
    "bluezone": (
        "post",
        "Hướng dẫn cài đặt ứng dụng Bluezone",
        "Bật Bluetooth để phát hiện tiếp xúc gần. Tải tại www.bluezone.gov.vn.",
        "",
    ),
    "smartcity": ("post", "Khai báo y tế trên Hà Nội SmartCity", "Gửi phản ánh của người dân.", ""),
    "5k": ("post", "Thông điệp 5K: chung sống an toàn", "Khẩu trang – Khử khuẩn.", ""),
    "cach-ly": ("post", "Hỗ trợ người cách ly tại nhà", "Tổ hỗ trợ mang nhu yếu phẩm.", ""),
    "sxh": ("headline", "Hà Nội ghi nhận thêm ca sốt xuất huyết", "Sở Y tế khuyến cáo.", ""),
    "an-toan": ("headline", "Bảo đảm an toàn thực phẩm dịp Tết", "Kiểm tra liên ngành.", ""),
    "nguon-khac": ("headline", "Tin của nguồn đã rút", "Giãn cách xã hội.", ""),
    "tuong-lai": ("post", "Tin hẹn giờ ngày mai", "Giãn cách.", ""),
    "qua-han": ("post", "Thông báo đã hết hạn", "Giãn cách.", ""),
    "toa-an": ("post", "Toà án lưu động xét xử tại phường", "Tuyên truyền pháp luật.", ""),
    "tre-em": ("post", "Tháng hành động vì trẻ em", "Phòng chống đuối nước.", ""),
    "the-thao": ("post", "Giải bóng đá thiếu niên", "Sân vận động phường.", ""),
    "dong-da": ("post", "Giao lưu với phường bạn ở quận Đống Đa", "Học tập mô hình.", ""),
    "covid-tre": ("post", "Chăm sóc trẻ mắc COVID19 tại nhà", "Theo dõi nhiệt độ.", ""),
    "khai-mac": ("post", "Lễ khai mạc hội sách", "Lúc 8 giờ ngày 05/03/2026.", ""),
    "english": ("post", "Welcome to our ward's website", "Public services for foreigners.", ""),
}

JUDGED: tuple[tuple[str, str], ...] = (
    ("tiêm chủng", "tiem ! khau-trang"),
    ("tiem chung", "tiem"),
    ("TIÊM CHỦNG", "tiem"),
    ("lịch tiêm", "tiem"),
    ("vắc xin", "tiem tiem-cu"),
    ("vắc-xin", "tiem tiem-cu"),
    ("vac xin covid", "tiem-cu"),
    ("khẩu trang", "khau-trang rac 5k"),
    ("khau trang", "khau-trang rac 5k"),
    ("khau trang mien phi", "khau-trang ! rac"),
    ('"khẩu trang"', "khau-trang rac 5k"),
    ('"phát khẩu trang"', "khau-trang ! rac 5k"),
    ("“phát khẩu trang”", "khau-trang ! rac"),
    ("khẩu tra", "khau-trang rac 5k"),
    ("hoà bình", "hoa-binh"),
    ("hòa bình", "hoa-binh"),
    ("hoa binh", "hoa-binh"),
    ("hoa", "hoa"),
    ("hỏa hoạn", "hoa-hoan"),
    ("thuỷ", "thuy"),
    ("nguyen thi thuy", "thuy"),
    ("đình làng", "dinh-lang hoa-binh"),
    ("dinh lang", "dinh-lang hoa-binh"),
    ("gia đình", "gia-dinh quyet-dinh"),
    ("đình", "dinh-lang gia-dinh"),
    ("quyết định", "quyet-dinh 15-qd"),
    ("điện", "dien dien-tu 1979"),
    ("dien luc", "dien ! dien-tu"),
    ("điện tử", "dien-tu 1979"),
    ("mất điện", "! dien"),
    ("tuyển sinh", "tuyen-sinh"),
    ("khai sinh", "khai-sinh tuyen-sinh"),
    ("đăng ký khai sinh", "khai-sinh ! tuyen-sinh"),
    ("một cửa", "mot-cua khai-sinh"),
    ("tiếp công dân", "tiep-dan mot-cua"),
    ("liên hệ", "lien-he"),
    ("3858", "lien-he"),
    ("tổ dân phố", "khau-trang gioi-thieu"),
    ("1208/UBND-VHTT", "1208"),
    ("1208 /UBND-VHTT", "1208"),
    ("1208", "1208"),
    ("ubnd-vhtt", "1208"),
    ("1979/STTTT-TTDT", "1979"),
    ("1979/STTTT-TTĐT", "1979"),
    ("1979/stttt", "1979"),
    ("15/QĐ-UBND", "15-qd ! 15-kh 115-tb"),
    ("15/qd-ubnd", "15-qd ! 15-kh"),
    ("15/KH-UBND", "15-kh ! 15-qd"),
    ("115/TB", "115-tb ! 15-qd"),
    ("30/2020/NĐ-CP", "nd30"),
    ("nghị định 30", "nd30"),
    ("nghị định số 30/2020/NĐ-CP ngày 05/3/2020", "nd30 ! 15-qd"),
    ("số 1208/UBND-VHTT ngày 12/8/2020", "1208 ! 1979"),
    ("so 1208/ubnd-vhtt ngay 12/08/2020", "1208 ! 1979"),
    ("Công văn số 1208/UBND-VHTT ngày 12 tháng 8 năm 2020 của UBND quận", "1208 ! 1979"),
    ("1208/UBND-VHTT ngày 13/8/2020", "1208 ! 1979"),
    ("công văn 1208 UBND VHTT", "1208 ! 1979"),
    ("công văn 1208", "1208 ! 1979"),
    ("CV 1208/UBND", "1208 ! 1979"),
    ("1208 ngày 12-8-2020", "1208 ! 1979"),
    ("văn bản ngày 12.8.2020", "1208 ! 1979 15-qd"),
    ("ngày 12 tháng 8 năm 2020", "1208 ! 1979 15-qd"),
    ("12/08/2020", "1208 ! 1979 15-qd"),
    ("phòng chống dịch ngày 6/8/2020", "1979 ! 1208"),
    ("quyết định 15", "15-qd ! 115-tb"),
    ("quyết định số 15/QĐ-UBND", "15-qd ! 15-kh 115-tb"),
    ("văn bản ngày 32/8/2020", "!"),
    ("khai mạc ngày 5/3/2026", "khai-mac"),
    ("khai mạc ngày 05 tháng 3 năm 2026", "khai-mac"),
    ("ngân sách 2026", "ngan-sach"),
    ("bluezone", "bluezone 1208"),
    ("Blue", "bluezone 1208"),
    ("cài đặt bluezone", "bluezone ! 1208"),
    ("covid-19", "1208 15-qd tiem-cu covid-tre"),
    ("covid19", "1208 15-qd tiem-cu covid-tre"),
    ("covid 19 trẻ", "covid-tre"),
    ("5k", "5k"),
    ("SmartCity", "smartcity"),
    ("cách ly", "cach-ly"),
    ("sốt xuất huyết", "sxh"),
    ("an toàn", "an-toan 5k"),
    ("giao thừa", "115-tb"),
    ("giãn cách", "! het-hieu-luc nguon-khac tuong-lai qua-han"),
    ("toà án", "toa-an"),
    ("tòa án", "toa-an"),
    ("dong da", "dong-da"),
    ("ĐỐNG ĐA", "dong-da"),
    ("Đo\u0302\u0301ng Đa", "dong-da"),  # as a Mac writes it
    ("trẻ em", "tre-em"),
    ("website", "english"),
    ("đuối nước trẻ em", "tre-em"),
    ("xe buýt", "!"),
)

SLIPS: tuple[tuple[str, str], ...] = (
    ("bluezne", "bluezone"),
    ("khau tranng", "khẩu trang"),
    ("tuyển snih", "tuyển sinh"),
    ("smarcity", "smartcity"),
    ("khaaur trang", "khẩu trang"),
    ("tuyeen sinh", "tuyển sinh"),
    ("kha6u3 trang", "khẩu trang"),
    ("ca1ch ly", "cách ly"),
    ("dduoois nuwowcs", "đuối nước"),
    ("khẩu trang xe buýt", ""),
)


def entries() -> list[tuple[str, Entry]]:
    """Return every text as an entry, an hour older than the one before unless it has its day."""
    made = []
    for age, (name, (kind, title, body, code)) in enumerate(TEXTS.items()):
        gate = {"directive": f"document:{name}", "headline": "source:syt"}.get(kind, "")
        if name == "nguon-khac":
            gate = "source:khac"
        entry = Entry(
            kind=kind,
            title=title,
            body=body,
            code=code,
            url=f"/{name}",
            at=ISSUED.get(name, NOW - timedelta(hours=age)),
            gate=gate,
            visible_from=NOW + timedelta(days=1) if name == "tuong-lai" else None,
            visible_to=NOW if name == "qua-han" else None,
        )
        made.append((name, entry))
    return made
