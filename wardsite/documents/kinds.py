"""Kinds of official documents and their abbreviations (NĐ 30/2020/NĐ-CP, annex III)."""

from wardsite.core.errors import N_

KINDS: dict[str, str] = {
    "nghi-quyet": N_("Resolution"),
    "quyet-dinh": N_("Decision"),
    "chi-thi": N_("Directive"),
    "quy-che": N_("Statute"),
    "quy-dinh": N_("Regulation"),
    "thong-cao": N_("Communiqué"),
    "thong-bao": N_("Announcement"),
    "huong-dan": N_("Guidance"),
    "chuong-trinh": N_("Programme"),
    "ke-hoach": N_("Plan"),
    "phuong-an": N_("Scheme"),
    "de-an": N_("Project proposal"),
    "du-an": N_("Project"),
    "bao-cao": N_("Report"),
    "bien-ban": N_("Minutes"),
    "to-trinh": N_("Submission"),
    "cong-dien": N_("Official telegram"),
    "cong-van": N_("Official letter"),
    "giay-moi": N_("Invitation"),
    "nghi-dinh": N_("Decree"),
    "thong-tu": N_("Circular"),
    "luat": N_("Law"),
    "khac": N_("Other"),
}
