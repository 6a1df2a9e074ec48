"""What an address may hold where a rule says <int:…>."""

from werkzeug.routing import IntegerConverter


class RowNumberConverter(IntegerConverter):
    """A row's number: at most 18 figures, which is what the database can look up (64 bits).

    With more the address is none of ours (404); SQLite's driver would raise OverflowError.
    """

    regex = r"\d{1,18}"
