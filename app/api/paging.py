"""Lists in pages: the query's limit and offset, and what the reply adds to the rows."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

# More than any list has, and no more than every database counts to.
MOST = 2**31 - 1


class Page(Schema):
    """The part of a list's query that says which rows; schemas of lists inherit it."""

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))
    offset = fields.Integer(load_default=0, validate=validate.Range(min=0, max=MOST))


def listed(
    name: str, found: tuple[Sequence[Any], int], *, limit: int, offset: int
) -> dict[str, Any]:
    """Return a page as the object a list answers with: the rows under their plural name."""
    rows, total = found
    return {name: rows, "total": total, "limit": limit, "offset": offset}
