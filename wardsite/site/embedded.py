"""A cleaned text as a page shows it: set with care, what is embedded in it as cards."""

from collections.abc import Collection
from datetime import UTC, datetime

from flask import render_template
from markupsafe import Markup

from wardsite.core import embedded
from wardsite.core.embedded import Embedded
from wardsite.core.markup import sanitize
from wardsite.core.typography import bind_markup
from wardsite.core.vi import to_local
from wardsite.documents import own
from wardsite.documents import service as documents
from wardsite.mandate import service as mandates
from wardsite.media import attachments
from wardsite.models import Attachment


def rich_text(html: str, files: Collection[Attachment] = ()) -> Markup:
    """Return a text as HTML to show; cleaned again, in case a row was not.

    What is public now stands there as a card, a document with its files; so does each of `files`,
    which are the text's own. Of what residents may not see only the words are left.
    """
    cut = embedded.pieces(sanitize(html))
    cards = _cards(cut, files) if len(cut) > 1 else {}
    return Markup("").join(
        cards[piece] if isinstance(piece, Embedded) else Markup(bind_markup(piece))  # noqa: S704
        for piece in cut
    )


def beside(files: Collection[Attachment], html: str) -> list[Attachment]:
    """Return the files that do not stand within the text, to be listed after it."""
    within = embedded.file_numbers(html)
    return [file for file in files if file.id not in within]


def _cards(
    cut: Collection[str | Embedded], files: Collection[Attachment]
) -> dict[Embedded, Markup]:
    now = datetime.now(UTC)
    shown = mandates.at(now).document_ids
    rows = {row.slug: row for row in documents.public_documents(embedded.slugs(cut), shown)}
    of_document = attachments.of_documents([row.id for row in rows.values()])
    standings = own.standings(rows.values(), to_local(now).date()) if rows else {}
    found = _files(embedded.files(cut), files, now)
    cards = {}
    for piece in cut:
        if not isinstance(piece, Embedded):
            continue
        document, file = rows.get(piece.slug), found.get(piece.file)
        cards[piece] = Markup(  # noqa: S704 - a template's
            render_template(
                "site/embedded.html",
                document=document,
                files=[file] if file else of_document.get(document.id, []) if document else [],
                standing=standings.get(document.id) if document else None,
                words=Markup(bind_markup(piece.words)),  # noqa: S704 - cleaned by the caller
            )
        )
    return cards


def _files(
    numbers: set[int], own_files: Collection[Attachment], now: datetime
) -> dict[int, Attachment]:
    found = {file.id: file for file in own_files if file.id in numbers}
    others = attachments.of_numbers(numbers - found.keys())
    return found | {file.id: file for file in others if attachments.is_public(file, now)}
