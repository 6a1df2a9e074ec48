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
                    "Open “Posts” and press “Write a post”. For a common type of post, press "
                    "“From a template” instead."
                )
            ),
            Step(
                N_(
                    "Type a short title and the text. You can paste from Word, Zalo or another "
                    "page: tables and headings are kept, stray fonts and colours are removed."
                ),
                "viet-bai",
            ),
            Step(
                N_(
                    "What you type is saved automatically every few seconds. If the computer "
                    "shuts down or your session ends, open “Posts” again and continue where you "
                    "left off."
                )
            ),
            Step(
                N_(
                    "Choose the category and, if you like, a cover picture. Press “Preview” to "
                    "see the post as residents will, on a phone and on a computer."
                ),
                "xem-truoc",
            ),
            Step(
                N_(
                    "Press “Publish”, or “Submit for approval” if someone else approves your "
                    "posts. You will first see suggestions about possible problems; you decide."
                )
            ),
        ),
    ),
    Guide(
        "theo-mau",
        N_("Start from a template"),
        (
            Step(
                N_(
                    "Under “Posts” press “From a template” and choose: announcement, invitation, "
                    "vaccination, citizen reception or meeting conclusions."
                ),
                "mau",
            ),
            Step(
                N_(
                    "Answer the questions. Essential details (time, date, place, contact) cannot "
                    "be left out."
                ),
                "mau-cau-hoi",
            ),
            Step(
                N_(
                    "Press “Create draft”. The post is drafted for you; edit it as you like, "
                    "then publish."
                )
            ),
        ),
    ),
    Guide(
        "chu-phong-cu",
        N_("Paste from Word, convert old fonts"),
        (
            Step(
                N_(
                    "Copy in Word, click in the text box and press Ctrl+V. Pictures in the text "
                    "are uploaded automatically."
                )
            ),
            Step(
                N_(
                    "If the text was typed in an old font (.VnTime, VNI), a window shows it "
                    "before and after conversion. If the right side reads correctly, press "
                    "“Convert”."
                ),
                "phong-cu",
            ),
            Step(N_("Proofread the text: errors in the original are still there.")),
        ),
    ),
    Guide(
        "anh",
        N_("Pictures"),
        (
            Step(
                N_(
                    "In the text, press the picture button, or “Insert a picture from the "
                    "library” to use an existing one."
                )
            ),
            Step(
                N_(
                    "Always describe the picture in a few words: screen readers read this to "
                    "blind residents."
                ),
                "anh-thu-vien",
            ),
            Step(
                N_(
                    "Photos straight from a phone are fine: they are made smaller and their "
                    "location data is removed."
                )
            ),
            Step(
                N_(
                    "“Pictures” lists every picture and where it is used. A picture in use "
                    "cannot be deleted."
                ),
                "anh-mot",
            ),
        ),
    ),
    Guide(
        "van-ban-trong-bai",
        N_("Put a document or a file into a post"),
        (
            Step(
                N_(
                    "Click in the text where the document should stand and press the document "
                    "button in the toolbar."
                )
            ),
            Step(
                N_(
                    "Type the number or a few words, choose the document and press “Insert”. To "
                    "use a file from your computer instead, choose it at the bottom of the window."
                ),
                "chen-van-ban",
            ),
            Step(
                N_(
                    "Residents see the number, date, summary and files of the document, always as "
                    "they are now. A new file can be opened once the post is published."
                )
            ),
            Step(
                N_(
                    "To take it out, click it and press Delete. The document itself stays on the "
                    "site."
                )
            ),
        ),
    ),
    Guide(
        "duyet-bai",
        N_("Submit, approve or return a post"),
        (
            Step(
                N_(
                    "The author presses “Submit for approval”. Editors see the post under “Needs "
                    "action now” in the overview."
                )
            ),
            Step(
                N_("The editor opens the post, reads the suggestions and presses “Publish”."),
                "duyet",
            ),
            Step(
                N_(
                    "If something needs changing, the editor presses “Return to author” and says "
                    "what. The author sees the comment above the text."
                ),
                "tra-lai",
            ),
            Step(
                N_(
                    "A unit with only one officer can skip this: an editor’s own posts are "
                    "published at once."
                )
            ),
        ),
    ),
    Guide(
        "hen-gio",
        N_("Schedule publication or withdrawal"),
        (
            Step(
                N_(
                    "Beside the text, under “Time”, fill in “Publish at”, then press “Publish”. "
                    "The post appears automatically at that time."
                ),
                "hen-gio",
            ),
            Step(
                N_("“Withdraw at” removes a post automatically: for invitations and past events.")
            ),
            Step(N_("Both are in Vietnamese time. The post is marked “Scheduled” in the list.")),
        ),
    ),
    Guide(
        "sua-go-khoi-phuc",
        N_("Edit, withdraw or restore a post"),
        (
            Step(
                N_(
                    "To change a published post: open it, edit it, write what was changed, then "
                    "press “Save”. Residents see the new text and the note at once."
                )
            ),
            Step(
                N_(
                    "“History” shows every earlier version and what was changed, and you can "
                    "restore any of them."
                ),
                "lich-su",
            ),
            Step(
                N_("“Withdraw from the site” removes a post and leaves your reason at its address.")
            ),
            Step(
                N_("“Move to bin” deletes a post. You can restore it from “Bin” for 30 days."),
                "thung-rac",
            ),
            Step(
                N_(
                    "If two officers edit the same post, the second to save sees both versions. "
                    "No work is lost."
                )
            ),
        ),
    ),
    Guide(
        "ap-phich",
        N_("Poster and picture for Zalo"),
        (
            Step(
                N_("Open the post. At the bottom of the page is “For the notice board and Zalo”."),
                "ap-phich",
            ),
            Step(
                N_(
                    "“A4 poster (PDF)” is for printing; its QR code links to the full text. "
                    "“Picture for Zalo” is for neighbourhood groups."
                )
            ),
            Step(
                N_(
                    "Notices from the parent unit have the same two buttons under “From the "
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
                    "Open “Documents” and press “Add a document”. Choose the .docx or .pdf file "
                    "and press “Read the file”: number, date, summary and signer are filled in."
                ),
                "van-ban",
            ),
            Step(
                N_(
                    "Compare with the paper copy, correct, choose the type and topic, then save. "
                    "Never upload anything stamped MẬT."
                )
            ),
            Step(
                N_(
                    "Press “Publish”. When you name the new document that replaces another, the "
                    "old one is marked as replaced automatically."
                )
            ),
            Step(
                N_("To add many at once, use “Import from a spreadsheet” and fill in its template.")
            ),
        ),
    ),
    Guide(
        "phan-anh",
        N_("Answer residents’ feedback"),
        (
            Step(
                N_("Open “Residents’ feedback”. Overdue feedback is marked; open an item."),
                "phan-anh",
            ),
            Step(
                N_(
                    "An editor assigns it to the officer responsible. Write the answer and press "
                    "“Save the answer”. The sender can read it with the tracking code."
                ),
                "phan-anh-tra-loi",
            ),
            Step(
                N_(
                    "The question and answer are published only if the sender agreed, without "
                    "name, address or telephone number."
                )
            ),
        ),
    ),
    Guide(
        "nguon-tin",
        N_("Headlines from the official sources"),
        (
            Step(
                N_(
                    "Headlines arrive automatically. Those awaiting approval are under "
                    "“Headlines from sources”."
                ),
                "nguon-tin",
            ),
            Step(
                N_(
                    "Select several and press “Approve” or “Hide”. Each links to its source; "
                    "nothing is copied."
                )
            ),
        ),
    ),
    Guide(
        "cap-tren",
        N_("Content required by the parent unit"),
        (
            Step(
                N_(
                    "“From the parent unit” lists what must be displayed, which document "
                    "requires it and until when. It cannot be changed here."
                ),
                "cap-tren",
            ),
            Step(N_("A red or yellow line at the top tells you what is wrong and what to do.")),
        ),
    ),
    Guide(
        "trang-nhan-su",
        N_("Pages, people, calendar"),
        (
            Step(
                N_(
                    "“Pages and people” contains the officials with their positions and "
                    "telephone numbers, the citizen reception calendar, pages such as “Functions "
                    "and tasks”, and links."
                ),
                "trang-nhan-su",
            ),
            Step(
                N_(
                    "Update an entry as soon as someone moves or a number changes: residents "
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
                    "Press your name at the top. Change your password if someone may have seen "
                    "it, and end sessions on other computers."
                ),
                "tai-khoan",
            ),
            Step(
                N_(
                    "Set up two-step verification with your phone, then print the recovery codes "
                    "and lock them away."
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
                    "“Site settings” contains the name, address, opening hours, person "
                    "responsible and logo. Anything left blank is listed in the overview."
                ),
                "thiet-lap",
            ),
            Step(
                N_(
                    "“Officer accounts”: an author writes, an editor approves, an administrator "
                    "can do everything. When someone leaves, hand over their work and close "
                    "their account; what they wrote stays."
                )
            ),
            Step(N_("The audit log shows who did what and when, and cannot be changed.")),
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
            "Welcome. This page shows the work waiting for you: posts to approve, feedback to "
            "answer, anything overdue."
        ),
        "",
    ),
    (
        N_(
            "Under “Posts” you write news and notices. Your text is saved as you type, and every "
            "action can be undone."
        ),
        "news_admin.index",
    ),
    (
        N_(
            "Under “Documents” you add official documents; number, date and summary are read "
            "from the file."
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
