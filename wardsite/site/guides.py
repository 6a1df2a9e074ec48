"""Short guides for officers, one for each task, and the tour of the first sign-in.

Each is a few steps in words, with pictures of the program itself that `script/help-pictures` takes
anew (`static/help/`). A page of the officers' side leads to its guide by the table below.
"""

from dataclasses import dataclass

from wardsite.core.errors import N_

PICTURE_SIZE = (960, 600)
"""Width and height of every picture, px."""


@dataclass(frozen=True)
class Step:
    """One thing to do (a msgid) and, where seeing helps, a picture: a file of `static/help`."""

    text: str
    picture: str = ""


@dataclass(frozen=True)
class Guide:
    """A task: `id` is its address, `title` and steps are msgids, `role` is who may do it."""

    id: str
    title: str
    steps: tuple[Step, ...]
    role: str = "author"


GUIDES = (
    Guide(
        "dang-tin",
        N_("Write and publish a post"),
        (
            Step(
                N_(
                    "Open “Posts” and press “Write a post”. For a usual kind of text press "
                    "“From a template” instead."
                )
            ),
            Step(
                N_(
                    "Type a short title and the text. You may paste from Word, Zalo or "
                    "another page: tables and headings stay, stray fonts and colours go."
                ),
                "viet-bai",
            ),
            Step(
                N_(
                    "What you type is kept automatically every few seconds. If the computer "
                    "goes off or the session ends, open “Posts” again and go on where you "
                    "were."
                )
            ),
            Step(
                N_(
                    "Choose the category and, if you like, a cover picture. Press “Preview” "
                    "to see the post as residents will, on a telephone and on a computer."
                ),
                "xem-truoc",
            ),
            Step(
                N_(
                    "Press “Publish”, or “Hand to the editors” if your account writes and "
                    "another approves. Hints about what may be wrong come first; you decide."
                )
            ),
        ),
    ),
    Guide(
        "theo-mau",
        N_("Begin from a template"),
        (
            Step(
                N_(
                    "Under “Posts” press “From a template” and choose: announcement, "
                    "invitation, vaccination, reception of citizens or conclusions of a "
                    "meeting."
                ),
                "mau",
            ),
            Step(
                N_(
                    "Answer the questions. What must not be forgotten (hour, day, place, "
                    "whom to ask) cannot be left out."
                ),
                "mau-cau-hoi",
            ),
            Step(
                N_(
                    "Press “Make the draft”. The text is put together; change it as you "
                    "like, then publish."
                )
            ),
        ),
    ),
    Guide(
        "chu-phong-cu",
        N_("Text from Word, old fonts"),
        (
            Step(
                N_(
                    "Copy in Word, click into the text and press Ctrl+V. Pictures in the "
                    "text are uploaded by themselves."
                )
            ),
            Step(
                N_(
                    "If the text was typed in an old font (.VnTime, VNI), a window shows it "
                    "before and after. When the right side reads well press “Convert”."
                ),
                "phong-cu",
            ),
            Step(N_("Read the text once more: a word that was wrong in the original stays wrong.")),
        ),
    ),
    Guide(
        "anh",
        N_("Pictures"),
        (
            Step(
                N_(
                    "In the text press the picture button, or “Insert a picture from the "
                    "library” for one that is there already."
                )
            ),
            Step(
                N_("Always say in a few words what the picture shows: blind residents hear it."),
                "anh-thu-vien",
            ),
            Step(
                N_(
                    "Photographs straight from a telephone are fine: they are made smaller, "
                    "and where they were taken is removed."
                )
            ),
            Step(
                N_(
                    "“Pictures” lists all of them, with where each is used. One in use "
                    "cannot be deleted."
                ),
                "anh-mot",
            ),
        ),
    ),
    Guide(
        "duyet-bai",
        N_("Hand in, approve, return"),
        (
            Step(
                N_(
                    "The author presses “Hand to the editors”. The editors see the post "
                    "under “What needs you now”."
                )
            ),
            Step(N_("The editor opens the post, reads the hints and presses “Publish”."), "duyet"),
            Step(
                N_(
                    "If something is to be changed, the editor presses “Return to the "
                    "author” and writes what. The author sees the comment above the text."
                ),
                "tra-lai",
            ),
            Step(
                N_(
                    "An office with one officer needs none of this: an editor’s own posts "
                    "are published at once."
                )
            ),
        ),
    ),
    Guide(
        "hen-gio",
        N_("Publish or withdraw at a set time"),
        (
            Step(
                N_(
                    "Beside the text, under “Time”, fill in “Publish at”, then press "
                    "“Publish”. The post shows itself at that minute."
                ),
                "hen-gio",
            ),
            Step(
                N_(
                    "“Withdraw at” takes it off by itself: for invitations and what is over "
                    "by then."
                )
            ),
            Step(N_("Both are Vietnamese time. In the list such a post is marked “Scheduled”.")),
        ),
    ),
    Guide(
        "sua-go-khoi-phuc",
        N_("Change, withdraw, bring back"),
        (
            Step(
                N_(
                    "To change a public post: open it, change it, write what was changed, "
                    "press “Save”. Residents see the new text and the note at once."
                )
            ),
            Step(
                N_(
                    "“History” shows every earlier text with what was changed, and can bring "
                    "any of them back."
                ),
                "lich-su",
            ),
            Step(
                N_("“Withdraw from the site” takes it off and leaves your reason at its address.")
            ),
            Step(
                N_(
                    "“Put into the bin” removes a post. For 30 days it can be brought back "
                    "under “Bin”."
                ),
                "thung-rac",
            ),
            Step(
                N_(
                    "If two officers change the same post, the second one sees both texts. "
                    "Nobody’s text is lost."
                )
            ),
        ),
    ),
    Guide(
        "ap-phich",
        N_("Poster and picture for Zalo"),
        (
            Step(
                N_(
                    "Open the post. At the foot of the page is “For the notice board and for Zalo”."
                ),
                "ap-phich",
            ),
            Step(
                N_(
                    "“A4 poster (PDF)” is for printing; its code leads residents to the "
                    "whole text. “Picture for Zalo” is for the groups of the neighbourhood."
                )
            ),
            Step(
                N_(
                    "Notices of the parent unit have the same two buttons under “From the "
                    "parent unit”."
                )
            ),
        ),
    ),
    Guide(
        "van-ban",
        N_("Upload an official document"),
        (
            Step(
                N_(
                    "Open “Documents” and press “Enter a document”. Choose the .docx or .pdf "
                    "and press “Read the file”: number, date, summary and signer are filled "
                    "in."
                ),
                "van-ban",
            ),
            Step(
                N_(
                    "Compare with the paper, correct, choose kind and topic, save. Never "
                    "upload what is stamped MẬT."
                )
            ),
            Step(
                N_(
                    "Press “Publish”. A document that is replaced says so by itself when you "
                    "name the new one."
                )
            ),
            Step(N_("Many at once: “Import from a spreadsheet”, with the sample to fill in.")),
        ),
    ),
    Guide(
        "phan-anh",
        N_("Answer residents’ feedback"),
        (
            Step(
                N_("Open “Residents’ feedback”. What is overdue is marked; open a message."),
                "phan-anh",
            ),
            Step(
                N_(
                    "An editor assigns it to the officer who handles it. Write the answer "
                    "and press “Save the answer”: the sender reads it with the tracking code."
                ),
                "phan-anh-tra-loi",
            ),
            Step(
                N_(
                    "Question and answer are made public only if the sender agreed, and "
                    "without name, address or number."
                )
            ),
        ),
    ),
    Guide(
        "nguon-tin",
        N_("Headlines of the official sources"),
        (
            Step(
                N_(
                    "Headlines come in by themselves. Those that wait for you are under "
                    "“Headlines of the sources”."
                ),
                "nguon-tin",
            ),
            Step(
                N_(
                    "Tick several and press “Approve” or “Hide”. Each leads out to the "
                    "source; nothing is copied."
                )
            ),
        ),
    ),
    Guide(
        "cap-tren",
        N_("What the parent unit mandates"),
        (
            Step(
                N_(
                    "“From the parent unit” lists what must be on show, by which document "
                    "and until when. It cannot be changed here."
                ),
                "cap-tren",
            ),
            Step(N_("A red or yellow line at the top says what is wrong and what to do.")),
        ),
    ),
    Guide(
        "trang-nhan-su",
        N_("Pages, people, calendar"),
        (
            Step(
                N_(
                    "“Pages and people” holds the officials with post and telephone, the "
                    "calendar of reception, pages such as “Functions and tasks”, and links."
                ),
                "trang-nhan-su",
            ),
            Step(
                N_(
                    "Change a line as soon as somebody moves or a number changes: residents "
                    "rely on it."
                )
            ),
        ),
        "editor",
    ),
    Guide(
        "tai-khoan",
        N_("Your account and password"),
        (
            Step(
                N_(
                    "Press your name at the top. Change the password when somebody may have "
                    "seen it, and end sessions on other computers."
                ),
                "tai-khoan",
            ),
            Step(
                N_(
                    "Set up the second step with your telephone, then print the recovery "
                    "codes and lock them away."
                )
            ),
        ),
    ),
    Guide(
        "thiet-lap",
        N_("The site and its officers"),
        (
            Step(
                N_(
                    "“Site settings” holds name, address, hours, the person responsible and "
                    "the logo. What is blank is listed on the overview."
                ),
                "thiet-lap",
            ),
            Step(
                N_(
                    "“Accounts of officers”: an author writes, an editor approves, an "
                    "administrator does all. Disable the account of whoever leaves; what "
                    "they wrote stays."
                )
            ),
            Step(N_("The audit trail shows who did what and when, and cannot be changed.")),
        ),
        "admin",
    ),
)
_BY_ID = {guide.id: guide for guide in GUIDES}

# By endpoint where one page has a task of its own, else by the room.
_OF_PAGE = {
    "news_admin": "dang-tin",
    "news_kinds": "theo-mau",
    "news_flow": "sua-go-khoi-phuc",
    "news_flow.publish": "duyet-bai",
    "news_flow.send_back": "duyet-bai",
    "media_admin": "anh",
    "documents_admin": "van-ban",
    "feedback_admin": "phan-anh",
    "sources_admin": "nguon-tin",
    "central_admin": "cap-tren",
    "pages_admin": "trang-nhan-su",
    "accounts_admin": "tai-khoan",
    "officers_admin": "thiet-lap",
    "site_admin.settings": "thiet-lap",
    "audit_admin": "thiet-lap",
}

TOUR = (
    (
        N_(
            "Welcome. This page shows what waits for you: posts to approve, "
            "questions to answer, what is overdue."
        ),
        "",
    ),
    (
        N_(
            "Under “Posts” you write news and notices. Everything is kept as you "
            "type, and everything can be undone."
        ),
        "news_admin.index",
    ),
    (
        N_(
            "Under “Documents” you enter official documents; number, date and "
            "summary are read from the file."
        ),
        "documents_admin.index",
    ),
    (
        N_("Under “Residents’ feedback” you answer what residents send, before it is due."),
        "feedback_admin.index",
    ),
    (
        N_("Whatever page you are on, “Help” at the top explains it in a few steps with pictures."),
        "help.index",
    ),
)
"""At most five steps: what is said (a msgid), and the entry of the menu that it is about."""


def guide(id_: str) -> Guide | None:
    """Return the guide with this id, or None."""
    return _BY_ID.get(id_)


def guide_of(endpoint: str | None) -> Guide | None:
    """Return the guide of an officers' page, or None where the list of all has to do."""
    room = (endpoint or "").partition(".")[0]
    return _BY_ID.get(_OF_PAGE.get(endpoint or "", "") or _OF_PAGE.get(room, ""))
