"""Made documents of many kinds and layouts, each with the fields that a reader sees in it.

All but the first are invented. `left` and `right` are the two columns of the head; `subject` of a
letter stands below its number in the left one; `title` is kind and summary of the others.
"""

from dataclasses import dataclass, field

from tests.office import Block, docx, pdf

MOTTO = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
PARTY = ["ĐẢNG CỘNG SẢN VIỆT NAM"]
RECIPIENTS = ["Nơi nhận:", "- Như trên;", "- Lưu: VT."]


@dataclass(frozen=True)
class Made:
    """One document: what is on its pages, and what its fields are."""

    name: str
    left: list[str]
    dated: str
    code: str
    kind: str
    issuer: str
    issued_on: str
    summary: str
    signer: str
    signed: list[list[str]]
    title: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=lambda: ["Kính gửi: Các tổ dân phố.", "Nội dung."])
    motto: list[str] = field(default_factory=lambda: MOTTO)
    layout: str = "table"
    code_line: str = ""
    subject: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=lambda: RECIPIENTS)

    @property
    def left_column(self) -> list[str]:
        number = self.code_line or f"Số: {self.code}"
        return [*self.left, *([number] if number != "-" else []), *self.subject]

    def as_docx(self) -> bytes:
        right = [*self.motto, self.dated]
        head: list[Block] = [[[self.left_column, right]]]
        if self.layout == "lines":
            head = [*self.left, *self.motto, *self.left_column[len(self.left) :], self.dated]
        elif self.layout == "tabs":
            rows = max(len(self.left_column), len(right))
            padded = [(column + [""] * rows)[:rows] for column in (self.left_column, right)]
            head = [f"{a}\t{b}" for a, b in zip(*padded, strict=True)]
        foot: list[Block] = [[[self.recipients, *self.signed]]]
        if self.layout == "lines":
            foot = [*(line for block in self.signed for line in block), *self.recipients]
        return docx([*head, "", *self.title, "", *self.body, *foot])

    def as_pdf(self) -> bytes:
        placed = [(60, 790 - 16 * n, text) for n, text in enumerate(self.left_column)]
        placed += [(320, 790 - 16 * n, text) for n, text in enumerate([*self.motto, self.dated])]
        y = 790 - 16 * (max(len(self.left_column), len(self.motto) + 1) + 1)
        for line in (*self.title, "", *self.body):
            placed.append((70, y, line))
            y -= 16
        columns = [self.recipients, *self.signed]
        width = 480 // len(columns)
        for number, column in enumerate(columns):
            placed += [(60 + width * number, y - 16 * n, text) for n, text in enumerate(column)]
        return pdf([[piece for piece in placed if piece[2]]])


DISPATCH = Made(
    "cong-van-1208",
    ["UBND QUẬN THANH XUÂN"],
    "Thanh Xuân, ngày 12 tháng 8 năm 2020",
    "1208/UBND-VHTT",
    "cong-van",
    "Ủy ban nhân dân quận Thanh Xuân",
    "2020-08-12",
    "V/v tăng cường tuyên truyền phòng, chống dịch, bệnh Covid-19 trên "
    "Cổng/Trang thông tin điện tử",
    "Nguyễn Mạnh Đạt",
    [["TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG", "", "Nguyễn Mạnh Đạt"]],
    code_line="Số: 1208 /UBND-VHTT",
    subject=[
        "V/v tăng cường tuyên truyền phòng,",
        "chống dịch, bệnh Covid-19 trên",
        "Cổng/Trang thông tin điện tử",
    ],
    body=[
        "Kính gửi:",
        "- Văn phòng HĐND & UBND quận;",
        "- UBND 11 phường; các trường học.",
        "Thực hiện Công văn số 1979/STTTT-TTĐT ngày 06/8/2020 của Sở Thông tin và",
        "Truyền thông Hà Nội, UBND quận yêu cầu các đơn vị đặt banner dẫn đến",
        "https://www.bluezone.gov.vn/.",
    ],
)

WARD = ["ỦY BAN NHÂN DÂN", "PHƯỜNG AN MẪU"]
ISSUER = "Ủy ban nhân dân phường An Mẫu"
CHAIR = [["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", "Trần Văn Bình"]]
DEPUTY = [["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "(Đã ký)", "Lê Thị Hồng Nhung"]]
SCHOOL = ["ỦY BAN NHÂN DÂN PHƯỜNG AN MẪU", "TRƯỜNG TIỂU HỌC AN MẪU"]
HEAD = [["HIỆU TRƯỞNG", "", "Đặng Thùy Dương"]]


def ward(name: str, dated: str, code: str, kind: str, iso: str, summary: str, **more) -> Made:  # type: ignore[no-untyped-def]
    signed = more.pop("signed", CHAIR)
    signer = more.pop("signer", signed[0][-1])
    return Made(
        name, more.pop("left", WARD), dated, code, kind, more.pop("issuer", ISSUER), iso, summary,
        signer, signed, **more,
    )  # fmt: skip


MADE = [
    DISPATCH,
    ward(
        "quyet-dinh", "An Mẫu, ngày 05 tháng 3 năm 2026", "15/QĐ-UBND", "quyet-dinh", "2026-03-05",
        "Về việc thành lập Ban Chỉ đạo phòng, chống thiên tai phường An Mẫu năm 2026",
        title=["QUYẾT ĐỊNH", "Về việc thành lập Ban Chỉ đạo phòng, chống thiên tai",
               "phường An Mẫu năm 2026", "CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG AN MẪU"],
        body=["Căn cứ Luật Tổ chức chính quyền địa phương số 77/2015/QH13;",
              "QUYẾT ĐỊNH:", "Điều 1. Thành lập Ban Chỉ đạo."],
    ),
    ward(
        "quyet-dinh-bo-nhiem", "An Mẫu, ngày 01 tháng 02 năm 2026", "07/QĐ-UBND", "quyet-dinh",
        "2026-02-01", "Bổ nhiệm công chức phường", layout="lines",
        title=["QUYẾT ĐỊNH", "Bổ nhiệm công chức phường"], code_line="Số: 7/QĐ-UBND",
        body=["CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG", "Căn cứ Luật Cán bộ, công chức;"],
    ),
    ward(
        "ke-hoach", "An Mẫu, ngày 9 tháng 11 năm 2026", "128/KH-UBND", "ke-hoach", "2026-11-09",
        "Tổ chức Ngày hội Đại đoàn kết toàn dân tộc năm 2026 trên địa bàn phường",
        title=["KẾ HOẠCH", "Tổ chức Ngày hội Đại đoàn kết toàn dân tộc năm 2026",
               "trên địa bàn phường"],
        body=["Thực hiện Kế hoạch số 210/KH-UBND ngày 01/10/2026 của UBND Thành phố,",
              "I. MỤC ĐÍCH, YÊU CẦU", "1. Mục đích"],
        signed=DEPUTY,
    ),
    ward(
        "thong-bao-tiep-dan", "An Mẫu, ngày 24 tháng 11 năm 2026", "231/TB-UBND", "thong-bao",
        "2026-11-24", "Lịch tiếp công dân tháng 12 năm 2026",
        title=["THÔNG BÁO", "Lịch tiếp công dân tháng 12 năm 2026"],
        body=["Ủy ban nhân dân phường An Mẫu thông báo lịch tiếp công dân như sau:"],
        layout="tabs",
    ),
    ward(
        "giay-moi", "An Mẫu, ngày 12/8/2026", "88/GM-UBND", "giay-moi", "2026-08-12",
        "Dự Hội nghị tổng kết công tác bầu cử",
        title=["GIẤY MỜI", "Dự Hội nghị tổng kết công tác bầu cử"],
        body=["Kính gửi: Ông Nguyễn Văn An", "Trân trọng kính mời ông tới dự."],
        signed=[["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG", "", "Phạm Quốc Việt"]],
    ),
    ward(
        "giay-moi-khong-viet-tat", "An Mẫu, ngày 3 tháng 6 năm 2026", "41/UBND-VP", "giay-moi",
        "2026-06-03", "V/v họp giao ban tháng 6", title=["GIẤY MỜI", "V/v họp giao ban tháng 6"],
        body=["Kính gửi: Các ban, ngành.", "Thời gian: 8 giờ 00."],
    ),
    ward(
        "bao-cao", "An Mẫu, ngày 20 tháng 6 năm 2026", "302/BC-UBND", "bao-cao", "2026-06-20",
        "Tình hình phát triển kinh tế - xã hội 6 tháng đầu năm 2026",
        title=["BÁO CÁO", "Tình hình phát triển kinh tế - xã hội 6 tháng đầu năm 2026"],
        body=["Trong thời gian qua, phường đã chủ động.", "I. KẾT QUẢ"],
    ),
    ward(
        "to-trinh", "An Mẫu, ngày 17 tháng 4 năm 2026", "19/TTr-UBND", "to-trinh", "2026-04-17",
        "Về việc xin kinh phí sửa chữa nhà văn hóa tổ dân phố số 5",
        title=["TỜ TRÌNH", "Về việc xin kinh phí sửa chữa nhà văn hóa tổ dân phố số 5"],
        body=["Kính gửi: Hội đồng nhân dân phường."],
    ),
    ward(
        "nghi-quyet-hdnd", "An Mẫu, ngày 28 tháng 12 năm 2025", "12/NQ-HĐND", "nghi-quyet",
        "2025-12-28", "Về dự toán ngân sách phường An Mẫu năm 2026",
        left=["HỘI ĐỒNG NHÂN DÂN", "PHƯỜNG AN MẪU"], issuer="Hội đồng nhân dân phường An Mẫu",
        title=["NGHỊ QUYẾT", "Về dự toán ngân sách phường An Mẫu năm 2026",
               "HỘI ĐỒNG NHÂN DÂN PHƯỜNG AN MẪU", "KHÓA I, KỲ HỌP THỨ 5"],
        body=["Căn cứ Luật Ngân sách nhà nước;"],
        signed=[["CHỦ TỊCH", "", "Vũ Đức Thắng"]],
    ),
    ward(
        "chi-thi", "An Mẫu, ngày 10 tháng 01 năm 2026", "02/CT-UBND", "chi-thi", "2026-01-10",
        "Về tăng cường bảo đảm trật tự, an toàn giao thông dịp Tết Nguyên đán",
        title=["CHỈ THỊ", "Về tăng cường bảo đảm trật tự, an toàn giao thông",
               "dịp Tết Nguyên đán"],
        body=["Để bảo đảm trật tự, Chủ tịch UBND phường yêu cầu:"],
    ),
    ward(
        "cong-van-nhieu-dong", "An Mẫu, ngày 06 tháng 08 năm 2026", "456/UBND-KT", "cong-van",
        "2026-08-06", "V/v rà soát hộ kinh doanh và cập nhật dữ liệu thuế",
        left=["UBND PHƯỜNG AN MẪU"], code_line="Số:456 / UBND - KT",
        subject=["V/v rà soát hộ kinh doanh và", "cập nhật dữ liệu thuế"], signed=DEPUTY,
    ),
    ward(
        "cong-van-ve-viec", "An Mẫu, ngày 7 tháng 10 năm 2026", "501/UBND-VHXH", "cong-van",
        "2026-10-07", "Về việc treo cờ Tổ quốc", subject=["Về việc treo cờ Tổ quốc"],
        layout="lines",
    ),
    ward(
        "cong-van-gach-ngang", "An Mẫu, ngày 2-9-2026", "77/UBND-NV", "cong-van", "2026-09-02",
        "V/v trực dịp lễ Quốc khánh", code_line="Số 77/UBND–NV",
        subject=["V/v trực dịp lễ Quốc khánh"],
    ),
    ward(
        "phong-chuyen-mon", "Thành Mẫu, ngày 15 tháng 9 năm 2020", "210/GDĐT", "cong-van",
        "2020-09-15", "V/v tổ chức dạy học trực tuyến",
        left=["UBND QUẬN THÀNH MẪU", "PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"],
        issuer="Phòng Giáo dục và Đào tạo", subject=["V/v tổ chức dạy học trực tuyến"],
        signed=[["TRƯỞNG PHÒNG", "", "Hoàng Minh Châu"]],
    ),
    ward(
        "truong-ke-hoach", "An Mẫu, ngày 01 tháng 9 năm 2026", "09/KH-THAM", "ke-hoach",
        "2026-09-01", "Thực hiện nhiệm vụ năm học 2026 - 2027", left=SCHOOL,
        issuer="Trường Tiểu học An Mẫu", signed=HEAD,
        title=["KẾ HOẠCH", "Thực hiện nhiệm vụ năm học 2026 - 2027"],
        body=["Căn cứ Công văn số 3456/SGDĐT ngày 20/8/2026;"],
    ),
    ward(
        "truong-cong-khai", "An Mẫu, ngày 30 tháng 6 năm 2026", "33/TB-THAM", "thong-bao",
        "2026-06-30", "Công khai chất lượng giáo dục năm học 2025 - 2026", left=SCHOOL,
        issuer="Trường Tiểu học An Mẫu", signed=HEAD, layout="tabs",
        title=["THÔNG BÁO", "Công khai chất lượng giáo dục năm học 2025 - 2026"],
        body=["Trường Tiểu học An Mẫu công khai như sau:"],
    ),
    ward(
        "hai-nguoi-ky", "An Mẫu, ngày 12 tháng 10 năm 2026", "05/KH-THAM", "ke-hoach", "2026-10-12",
        "Phối hợp giữa nhà trường và Công đoàn năm học 2026 - 2027", left=SCHOOL,
        issuer="Trường Tiểu học An Mẫu", recipients=[""],
        signed=[["TM. CÔNG ĐOÀN", "CHỦ TỊCH", "", "Mai Thị Lan"],
                ["TM. NHÀ TRƯỜNG", "HIỆU TRƯỞNG", "", "Đặng Thùy Dương"]],
        signer="Mai Thị Lan; Đặng Thùy Dương",
        title=["KẾ HOẠCH", "Phối hợp giữa nhà trường và Công đoàn năm học 2026 - 2027"],
        body=["Căn cứ Điều lệ Công đoàn Việt Nam;"],
    ),
    ward(
        "lien-tich", "An Mẫu, ngày 20 tháng 7 năm 2026", "03/CTr-UBND-MTTQ", "chuong-trinh",
        "2026-07-20", "Phối hợp giữa Ủy ban nhân dân và Ủy ban Mặt trận Tổ quốc phường",
        recipients=[""],
        signed=[["CHỦ TỊCH", "", "Ngô Thanh Hà"], ["CHỦ TỊCH", "", "Trần Văn Bình"]],
        signer="Ngô Thanh Hà; Trần Văn Bình",
        title=["CHƯƠNG TRÌNH", "Phối hợp giữa Ủy ban nhân dân và Ủy ban Mặt trận Tổ quốc phường"],
        body=["Thực hiện Luật Mặt trận Tổ quốc Việt Nam;"],
    ),
    ward(
        "dang-uy", "An Mẫu, ngày 3 tháng 2 năm 2026", "45-CV/ĐU", "cong-van", "2026-02-03",
        "V/v tổ chức sinh hoạt chuyên đề quý I", left=["ĐẢNG BỘ THÀNH PHỐ MẪU",
        "ĐẢNG ỦY PHƯỜNG AN MẪU"], motto=PARTY, issuer="Đảng ủy phường An Mẫu",
        code_line="Số 45-CV/ĐU", subject=["V/v tổ chức sinh hoạt chuyên đề quý I"],
        signed=[["T/M ĐẢNG ỦY", "PHÓ BÍ THƯ", "", "Bùi Quang Huy"]],
    ),
    ward(
        "hoi-dong-bau-cu", "An Mẫu, ngày 15 tháng 01 năm 2026", "01/HD-UBBC", "huong-dan",
        "2026-01-15", "Về việc niêm yết danh sách cử tri",
        left=["ỦY BAN BẦU CỬ", "PHƯỜNG AN MẪU"], issuer="Ủy ban bầu cử phường An Mẫu",
        title=["HƯỚNG DẪN", "Về việc niêm yết danh sách cử tri"],
        signed=[["TM. ỦY BAN BẦU CỬ", "CHỦ TỊCH", "", "Trần Văn Bình"]],
    ),
    ward(
        "so-y-te", "Thành Mẫu, ngày 18 tháng 5 năm 2026", "1420/SYT-NVY", "cong-van", "2026-05-18",
        "V/v tăng cường phòng, chống bệnh tay chân miệng",
        left=["UBND THÀNH PHỐ MẪU", "SỞ Y TẾ"], issuer="Sở Y tế",
        subject=["V/v tăng cường phòng, chống", "bệnh tay chân miệng"],
        signed=[["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "", "Đinh Thị Thu Hà"]],
    ),
    ward(
        "nghi-dinh", "Hà Nội, ngày 05 tháng 3 năm 2020", "30/2020/NĐ-CP", "nghi-dinh", "2020-03-05",
        "Về công tác văn thư", left=["CHÍNH PHỦ"], issuer="Chính phủ",
        title=["NGHỊ ĐỊNH", "Về công tác văn thư"],
        body=["Căn cứ Luật Tổ chức Chính phủ ngày 19 tháng 6 năm 2015;"],
        signed=[["TM. CHÍNH PHỦ", "THỦ TƯỚNG", "", "Nguyễn Văn Mẫu"]],
    ),
    ward(
        "thong-tu", "Hà Nội, ngày 23 tháng 9 năm 2020", "26/2020/TT-BTTTT", "thong-tu",
        "2020-09-23", "Quy định việc áp dụng tiêu chuẩn hỗ trợ người khuyết tật",
        left=["BỘ THÔNG TIN VÀ TRUYỀN THÔNG"], issuer="Bộ Thông tin và Truyền thông",
        title=["THÔNG TƯ", "Quy định việc áp dụng tiêu chuẩn hỗ trợ", "người khuyết tật"],
        body=["Căn cứ Luật Công nghệ thông tin;"],
        signed=[["BỘ TRƯỞNG", "", "Nguyễn Văn Mẫu"]],
    ),
    ward(
        "cong-dien", "An Mẫu, ngày 6 tháng 9 năm 2026", "04/CĐ-UBND", "cong-dien", "2026-09-06",
        "Về việc ứng phó bão số 3", title=["CÔNG ĐIỆN", "Về việc ứng phó bão số 3"],
        body=["ỦY BAN NHÂN DÂN PHƯỜNG AN MẪU điện:", "1. Các tổ dân phố trực 24/24."],
    ),
    ward(
        "bien-ban", "An Mẫu, ngày 11 tháng 11 năm 2026", "17/BB-UBND", "bien-ban", "2026-11-11",
        "Hội nghị lấy ý kiến cử tri nơi cư trú", recipients=[""],
        title=["BIÊN BẢN", "Hội nghị lấy ý kiến cử tri nơi cư trú"],
        body=["Hôm nay, ngày 11/11/2026, tại nhà văn hóa tổ dân phố số 2."],
        signed=[["THƯ KÝ", "", "Đỗ Thị Mai"], ["CHỦ TỌA", "", "Trần Văn Bình"]],
        signer="Đỗ Thị Mai; Trần Văn Bình",
    ),
    ward(
        "de-an", "An Mẫu, ngày 25 tháng 3 năm 2026", "06/ĐA-UBND", "de-an", "2026-03-25",
        "Chuyển đổi số phường An Mẫu giai đoạn 2026 - 2030",
        title=["ĐỀ ÁN", "Chuyển đổi số phường An Mẫu giai đoạn 2026 - 2030"],
        body=["Phần I. SỰ CẦN THIẾT"],
    ),
    ward(
        "thong-bao-ket-luan", "An Mẫu, ngày 14 tháng 7 năm 2026", "199/TB-VP", "thong-bao",
        "2026-07-14", "Kết luận của đồng chí Chủ tịch UBND phường tại buổi tiếp dân",
        title=["THÔNG BÁO", "Kết luận của đồng chí Chủ tịch UBND phường", "tại buổi tiếp dân"],
        body=["Ngày 13/7/2026, Chủ tịch UBND phường đã tiếp dân."],
        signed=[["CHÁNH VĂN PHÒNG", "", "Phạm Quốc Việt"]],
    ),
    ward(
        "quy-che", "An Mẫu, ngày 4 tháng 5 năm 2026", "02/QC-UBND", "quy-che", "2026-05-04",
        "Làm việc của Ủy ban nhân dân phường An Mẫu",
        title=["QUY CHẾ", "Làm việc của Ủy ban nhân dân phường An Mẫu"],
        body=["Chương I", "Điều 1. Phạm vi điều chỉnh"], layout="lines",
    ),
    ward(
        "khong-ghi-noi", "Ngày 8 tháng 3 năm 2026", "63/UBND-TP", "cong-van", "2026-03-08",
        "V/v phổ biến Luật Bảo vệ dữ liệu cá nhân",
        subject=["V/v phổ biến Luật Bảo vệ dữ liệu cá nhân"],
    ),
    ward(
        "hoc-vi", "An Mẫu, ngày 22 tháng 10 năm 2026", "71/TB-TYT", "thong-bao", "2026-10-22",
        "Lịch tiêm chủng mở rộng tháng 11", left=["TRUNG TÂM Y TẾ MẪU", "TRẠM Y TẾ PHƯỜNG AN MẪU"],
        issuer="Trạm Y tế phường An Mẫu",
        title=["THÔNG BÁO", "Lịch tiêm chủng mở rộng tháng 11"],
        body=["Kính gửi: Các gia đình có trẻ nhỏ."],
        signed=[["TRƯỞNG TRẠM", "", "BS. Lưu Ngọc Ánh"]], signer="Lưu Ngọc Ánh",
    ),
    ward(
        "motto-kieu-cu", "An Mẫu, ngày 16 tháng 12 năm 2025", "88/QĐ-UBND", "quyet-dinh",
        "2025-12-16", "V/v khen thưởng tập thể, cá nhân",
        motto=["CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc", "———————"],
        left=["UỶ BAN NHÂN DÂN", "PHƯỜNG AN MẪU"],
        title=["QUYẾT ĐỊNH", "V/v khen thưởng tập thể, cá nhân", "———"],
        body=["CHỦ TỊCH UỶ BAN NHÂN DÂN PHƯỜNG AN MẪU", "Căn cứ Luật Thi đua, khen thưởng;"],
    ),
    ward(
        "ban-chi-dao", "An Mẫu, ngày 19 tháng 2 năm 2021", "14/KH-BCĐ", "ke-hoach", "2021-02-19",
        "Xét nghiệm sàng lọc Covid-19",
        left=["UBND PHƯỜNG AN MẪU", "BAN CHỈ ĐẠO PHÒNG, CHỐNG", "DỊCH COVID-19"],
        issuer="Ban chỉ đạo phòng, chống dịch Covid-19",
        title=["KẾ HOẠCH", "Xét nghiệm sàng lọc Covid-19"], body=["I. MỤC ĐÍCH"],
        signed=[["TRƯỞNG BAN", "", "Trần Văn Bình"]],
    ),
    ward(
        "phieu-chuyen", "An Mẫu, ngày 27 tháng 8 năm 2026", "112/PC-UBND", "phieu-chuyen",
        "2026-08-27", "Đơn của công dân", title=["PHIẾU CHUYỂN", "Đơn của công dân"],
        body=["Kính gửi: Công an phường."], signed=DEPUTY,
    ),
]  # fmt: skip
