"""Which dialect a path belongs to."""

import pytest

from app.api.dialect import Dialect
from app.errors import GatewayError


def envelope(error: GatewayError) -> dict[str, str]:
    return {"error": str(error)}


@pytest.mark.parametrize(
    ("path", "length"),
    [("/api", 4), ("/api/call", 4), ("/api/v1", 7), ("/api/v1/rooms", 7), ("/apis", -1), ("/", -1)],
)
def test_the_longest_prefix_counts_and_ends_at_a_slash(path, length):
    assert Dialect("some", ["/api", "/api/v1"], envelope).claims(path) == length


def test_the_empty_prefix_claims_every_path_with_the_least_weight():
    pages = Dialect("pages", [""], envelope)

    assert (pages.claims("/"), pages.claims("/api/call"), pages.claims("")) == (0, 0, 0)
