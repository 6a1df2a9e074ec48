"""How headlines are found by a search: title and summary, while their source is in force."""

from collections.abc import Iterable
from datetime import timedelta

from wardsite.models import Headline, Source
from wardsite.search.index import Entry, searchable


def register() -> None:
    """Keep headlines findable."""
    searchable(Headline, entries)


def entries(headline: Headline) -> Iterable[Entry]:
    """Return what is found of a headline; nothing unless an officer, or the source, approved it."""
    source: Source = headline.source
    if headline.status != "approved" or not source.active or source.mode != "feed":
        return ()
    entry = Entry(
        kind="headline",
        title=headline.title,
        body=headline.summary,
        label=source.name,
        url=headline.link,
        at=headline.published_at,
        visible_to=headline.published_at + timedelta(days=source.keep_days),
        gate=f"source:{source.central_id}" if source.central_id else "",
    )
    return (entry,)
