"""Made documents that the reading of fields was not tuned on, in other layouts than the corpus.

The head is a table of two rows (offices and motto; number and date), as most offices' templates
have it; the signature stands alone or in a table with a row for each line; the PDF sets number and
date on one height, in other margins. All of them are invented.

At the first reading, before anything was changed for them, every field of the 17 was right in both
formats but for the issuer of two (capitals within a name) and the summary of one (a heading in
capitals below it was taken along).
"""

from dataclasses import dataclass

from tests.office import Block, docx, pdf
from tests.official_corpus import PARTY, Made

RECIPIENTS = [
    "Nơi nhận:",
    "- Chủ tịch, các PCT UBND phường;",
    "- Công an phường;",
    "- Lưu: VT, VP.",
]


@dataclass(frozen=True)
class HeldOut(Made):
    """A document in the layouts of this module."""

    @property
    def number(self) -> str:
        return self.code_line or f"Số: {self.code}"

    def as_docx(self) -> bytes:
        second = [[self.number, *self.subject], [self.dated]]
        head: list[Block] = [[[self.left, self.motto], second]]
        longest = max(len(block) for block in self.signed)
        rows = [
            [[block[at] if at < len(block) else ""] for block in self.signed]
            for at in range(longest)
        ]
        if len(self.signed) == 1:
            rows = [[[line] if at else self.recipients, row[0]] for at, row in enumerate(rows)
                    for line in [""]]  # fmt: skip
        return docx([*head, *self.title, *self.body, rows])

    def as_pdf(self) -> bytes:
        y = 800
        placed = [(85, y - 14 * n, text) for n, text in enumerate(self.left)]
        placed += [(300, y - 14 * n, text) for n, text in enumerate(self.motto)]
        y -= 14 * (max(len(self.left), len(self.motto)) + 1)
        placed += [(85, y, self.number), (330, y, self.dated)]
        for line in self.subject:
            y -= 14
            placed.append((85, y, line))
        y -= 28
        for line in self.title:
            placed.append((200, y, line))
            y -= 18
        for line in self.body:
            y -= 18
            placed.append((85, y, line))
        y -= 30
        for at, block in enumerate(self.signed):
            x = 340 if len(self.signed) == 1 else 90 + 240 * at
            placed += [(x, y - 18 * n, text) for n, text in enumerate(block)]
        y -= 18 * max(len(block) for block in self.signed) + 12
        placed += [(85, y - 12 * n, text) for n, text in enumerate(self.recipients)]
        return pdf([[piece for piece in placed if piece[2]]])


def made(
    name: str,
    left: list[str],
    dated: str,
    code: str,
    kind: str,
    issuer: str,
    iso: str,
    summary: str,
    signer: str,
    signed: list[list[str]],
    **more,
) -> HeldOut:  # type: ignore[no-untyped-def]
    more.setdefault("recipients", RECIPIENTS)
    return HeldOut(name, left, dated, code, kind, issuer, iso, summary, signer, signed, **more)


WARD = ["UBND THÀNH PHỐ ĐỊNH HÒA", "UBND PHƯỜNG BẾN XUÂN"]
OURS = "Ủy ban nhân dân phường Bến Xuân"
CHAIR = [["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", "", "Vũ Đức Thịnh"]]

HELD_OUT = [
    made("ho-quyet-dinh-nam", WARD, "Bến Xuân, ngày 14 tháng 4 năm 2026", "203/QĐ-UBND",
         "quyet-dinh", OURS, "2026-04-14",
         "Về việc phê duyệt kế hoạch sử dụng đất năm 2026 của phường Bến Xuân", "Vũ Đức Thịnh",
         CHAIR, code_line="Số: 203 /QĐ-UBND",
         title=["QUYẾT ĐỊNH", "Về việc phê duyệt kế hoạch sử dụng đất năm 2026",
                "của phường Bến Xuân"],
         body=["ỦY BAN NHÂN DÂN PHƯỜNG BẾN XUÂN",
               "Căn cứ Luật Đất đai số 31/2024/QH15;", "QUYẾT ĐỊNH:", "Điều 1. Phê duyệt."]),
    made("ho-nghi-quyet-hdnd", ["HỘI ĐỒNG NHÂN DÂN", "PHƯỜNG BẾN XUÂN"],
         "Bến Xuân, ngày 28 tháng 7 năm 2026", "19/NQ-HĐND", "nghi-quyet",
         "Hội đồng nhân dân phường Bến Xuân", "2026-07-28",
         "Về phân bổ dự toán ngân sách năm 2027", "Trịnh Thị Hảo",
         [["CHỦ TỊCH", "", "", "Trịnh Thị Hảo"]],
         title=["NGHỊ QUYẾT", "Về phân bổ dự toán ngân sách năm 2027"],
         body=["HỘI ĐỒNG NHÂN DÂN PHƯỜNG BẾN XUÂN", "KHÓA II, KỲ HỌP THỨ 3",
               "Căn cứ Luật Ngân sách nhà nước;"]),
    made("ho-cong-van-so-dai", ["UBND TỈNH ĐỊNH HÒA", "SỞ KHOA HỌC VÀ CÔNG NGHỆ"],
         "Định Hòa, ngày 02 tháng 12 năm 2026", "2345/SKHCN-CĐS", "cong-van",
         "Sở Khoa học và Công nghệ", "2026-12-02",
         "V/v hướng dẫn đánh giá mức độ chuyển đổi số cấp xã năm 2026", "Kiều Văn Lộc",
         [["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "", "Kiều Văn Lộc"]],
         subject=["V/v hướng dẫn đánh giá mức độ", "chuyển đổi số cấp xã năm 2026"],
         body=["Kính gửi: Ủy ban nhân dân các xã, phường", "Thực hiện Kế hoạch số 12/KH-UBND."]),
    made("ho-ky-dien-tu", WARD, "Bến Xuân, ngày 9 tháng 01 năm 2027", "05/UBND-KT", "cong-van",
         OURS, "2027-01-09", "V/v đôn đốc nộp thuế sử dụng đất phi nông nghiệp", "Phan Anh Tú",
         [["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Ký bởi: Ủy ban nhân dân phường Bến Xuân",
           "Ngày ký: 09/01/2027 15:32:10", "Phan Anh Tú"]],
         subject=["V/v đôn đốc nộp thuế sử dụng đất", "phi nông nghiệp"],
         code_line="Số: 5/UBND-KT"),
    made("ho-thong-bao-ngay-gach", WARD, "Bến Xuân, ngày 05/3/2026", "41/TB-UBND", "thong-bao",
         OURS, "2026-03-05", "Về việc niêm yết công khai phương án bồi thường", "Vũ Đức Thịnh",
         CHAIR, title=["THÔNG BÁO", "Về việc niêm yết công khai phương án bồi thường"],
         body=["Ủy ban nhân dân phường Bến Xuân thông báo:", "1. Thời gian niêm yết: 20 ngày."]),
    made("ho-giay-moi-hop", WARD, "Bến Xuân, ngày 17 tháng 10 năm 2026", "88/GM-UBND",
         "giay-moi", OURS, "2026-10-17",
         "Dự hội nghị tổng kết phong trào Toàn dân đoàn kết xây dựng đời sống văn hóa",
         "Đoàn Minh Khuê", [["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG", "", "Đoàn Minh Khuê"]],
         title=["GIẤY MỜI", "Dự hội nghị tổng kết phong trào",
                "Toàn dân đoàn kết xây dựng đời sống văn hóa"],
         body=["Ủy ban nhân dân phường trân trọng kính mời: Các ông (bà)",
               "Thời gian: 8 giờ 00, ngày 24/10/2026."]),
    made("ho-bao-cao", WARD, "Bến Xuân, ngày 30 tháng 6 năm 2026", "112/BC-UBND", "bao-cao",
         OURS, "2026-06-30",
         "Tình hình kinh tế - xã hội 6 tháng đầu năm, nhiệm vụ trọng tâm 6 tháng cuối năm 2026",
         "Vũ Đức Thịnh", CHAIR,
         title=["BÁO CÁO", "Tình hình kinh tế - xã hội 6 tháng đầu năm,",
                "nhiệm vụ trọng tâm 6 tháng cuối năm 2026"],
         body=["I. KẾT QUẢ THỰC HIỆN", "1. Về kinh tế"]),
    made("ho-to-trinh", WARD, "Bến Xuân, ngày 8 tháng 9 năm 2026", "64/TTr-UBND", "to-trinh",
         OURS, "2026-09-08", "Về việc đề nghị điều chỉnh quy hoạch chi tiết khu dân cư số 3",
         "Vũ Đức Thịnh", CHAIR,
         title=["TỜ TRÌNH", "Về việc đề nghị điều chỉnh quy hoạch chi tiết khu dân cư số 3"],
         body=["Kính gửi: Ủy ban nhân dân thành phố Định Hòa."]),
    made("ho-truong-thcs", ["PHÒNG GD&ĐT ĐỊNH HÒA", "TRƯỜNG THCS LÊ QUÝ ĐÔN"],
         "Định Hòa, ngày 22 tháng 8 năm 2026", "51/KH-THCSLQĐ", "ke-hoach",
         "Trường THCS Lê Quý Đôn", "2026-08-22", "Tuyển sinh vào lớp 6 năm học 2026 - 2027",
         "Nguyễn Thị Ngọc Bích", [["HIỆU TRƯỞNG", "", "", "Nguyễn Thị Ngọc Bích"]],
         title=["KẾ HOẠCH", "Tuyển sinh vào lớp 6 năm học 2026 - 2027"],
         body=["Căn cứ Thông tư số 30/2024/TT-BGDĐT;", "I. MỤC ĐÍCH, YÊU CẦU"]),
    made("ho-mam-non", ["UBND PHƯỜNG BẾN XUÂN", "TRƯỜNG MẦM NON HOA SEN"],
         "Bến Xuân, ngày 03 tháng 9 năm 2026", "17/TB-MNHS", "thong-bao",
         "Trường Mầm non Hoa Sen", "2026-09-03", "Công khai các khoản thu đầu năm học",
         "Lâm Thị Quyên", [["HIỆU TRƯỞNG", "(Ký, đóng dấu)", "", "Lâm Thị Quyên"]],
         title=["THÔNG BÁO", "Công khai các khoản thu đầu năm học"],
         body=["Kính gửi: Quý phụ huynh."]),
    made("ho-dang-uy-nq", ["ĐẢNG BỘ TỈNH ĐỊNH HÒA", "ĐẢNG ỦY PHƯỜNG BẾN XUÂN", "*"],
         "Bến Xuân, ngày 15 tháng 5 năm 2026", "07-NQ/ĐU", "nghi-quyet",
         "Đảng ủy phường Bến Xuân", "2026-05-15",
         "Về tăng cường sự lãnh đạo của Đảng đối với công tác chuyển đổi số", "Hồ Sỹ Nguyên",
         [["T/M BAN CHẤP HÀNH", "BÍ THƯ", "", "Hồ Sỹ Nguyên"]], motto=PARTY,
         code_line="Số 07-NQ/ĐU",
         title=["NGHỊ QUYẾT", "Về tăng cường sự lãnh đạo của Đảng đối với",
                "công tác chuyển đổi số", "-----"],
         body=["I- TÌNH HÌNH"]),
    made("ho-lien-nganh", WARD, "Bến Xuân, ngày 11 tháng 11 năm 2026", "09/CTr-UBND-HPN",
         "chuong-trinh", OURS, "2026-11-11",
         "Phối hợp phòng, chống bạo lực gia đình giai đoạn 2026 - 2030",
         "Mạc Thị Nga; Vũ Đức Thịnh",
         [["TM. HỘI LIÊN HIỆP PHỤ NỮ", "CHỦ TỊCH", "", "Mạc Thị Nga"],
          ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", "Vũ Đức Thịnh"]],
         title=["CHƯƠNG TRÌNH", "Phối hợp phòng, chống bạo lực gia đình",
                "giai đoạn 2026 - 2030"], body=["Căn cứ Luật Phòng, chống bạo lực gia đình;"]),
    made("ho-quyet-dinh-ca-biet", WARD, "Bến Xuân, ngày 19 tháng 02 năm 2026", "66/QĐ-UBND",
         "quyet-dinh", OURS, "2026-02-19",
         "Về việc xử phạt vi phạm hành chính trong lĩnh vực xây dựng", "Vũ Đức Thịnh",
         [["CHỦ TỊCH", "", "", "Vũ Đức Thịnh"]], code_line="Số: 66/QĐ - UBND",
         title=["QUYẾT ĐỊNH", "Về việc xử phạt vi phạm hành chính trong lĩnh vực xây dựng"],
         body=["THẨM QUYỀN BAN HÀNH: CHỦ TỊCH ỦY BAN NHÂN DÂN PHƯỜNG BẾN XUÂN",
               "Căn cứ Luật Xử lý vi phạm hành chính;"]),
    made("ho-thong-tu-lien", ["BỘ NỘI VỤ"], "Hà Nội, ngày 30 tháng 12 năm 2025",
         "21/2025/TT-BNV", "thong-tu", "Bộ Nội vụ", "2025-12-30",
         "Quy định thời hạn lưu trữ hồ sơ, tài liệu", "Tống Gia Mẫu",
         [["KT. BỘ TRƯỞNG", "THỨ TRƯỞNG", "", "Tống Gia Mẫu"]],
         title=["THÔNG TƯ", "Quy định thời hạn lưu trữ hồ sơ, tài liệu"],
         body=["Căn cứ Luật Lưu trữ số 33/2024/QH15;"]),
    made("ho-cong-an", ["CÔNG AN TỈNH ĐỊNH HÒA", "CÔNG AN PHƯỜNG BẾN XUÂN"],
         "Bến Xuân, ngày 12 tháng 6 năm 2026", "301/TB-CAP", "thong-bao",
         "Công an phường Bến Xuân", "2026-06-12",
         "Phương thức, thủ đoạn lừa đảo mạo danh cơ quan nhà nước", "Cao Xuân Hiếu",
         [["TRƯỞNG CÔNG AN PHƯỜNG", "", "", "Trung tá Cao Xuân Hiếu"]],
         title=["THÔNG BÁO", "Phương thức, thủ đoạn lừa đảo mạo danh cơ quan nhà nước"],
         body=["Thời gian qua, trên địa bàn xảy ra một số vụ việc."]),
    made("ho-khong-so-0", WARD, "Bến Xuân, ngày 1 tháng 7 năm 2026", "01/UBND", "cong-van", OURS,
         "2026-07-01", "V/v treo cờ Tổ quốc", "Vũ Đức Thịnh", CHAIR,
         subject=["V/v treo cờ Tổ quốc"]),
    made("ho-mot-cua", ["UBND PHƯỜNG BẾN XUÂN", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"],
         "Bến Xuân, ngày 20 tháng 8 năm 2026", "15/TB-TTPVHCC", "thong-bao",
         "Trung tâm Phục vụ hành chính công", "2026-08-20",
         "Thay đổi thời gian tiếp nhận hồ sơ dịp nghỉ lễ Quốc khánh 2/9", "Ninh Thị Vân Khánh",
         [["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "", "Ninh Thị Vân Khánh"]],
         title=["THÔNG BÁO", "Thay đổi thời gian tiếp nhận hồ sơ", "dịp nghỉ lễ Quốc khánh 2/9"],
         body=["Kính gửi: Nhân dân trên địa bàn phường."]),
]  # fmt: skip
