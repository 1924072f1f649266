"""The errors a client can see, as a whole."""

import inspect

import pytest

from app import errors
from app.errors import GatewayError

ALL = [error for name, error in inspect.getmembers(errors, inspect.isclass) if name != "Fields"]


def descendants(error):
    return {error}.union(*(descendants(child) for child in error.__subclasses__()))


def test_every_error_of_the_package_is_exported():
    ours = {error for error in descendants(GatewayError) if error.__module__.startswith("app.")}

    assert ours == set(ALL)


@pytest.mark.parametrize("error", ALL)
def test_the_docstring_is_the_message_unless_another_is_given(error):
    assert str(error()) == error.__doc__.strip()
    assert str(error("Other.")) == "Other."
    assert str(error()).endswith(".")


def test_no_two_errors_share_a_code_but_parents_and_children():
    by_code = {}
    for error in ALL:
        by_code.setdefault(error.code, []).append(error)
    for errors_ in by_code.values():
        oldest = min(errors_, key=lambda error: len(error.__mro__))
        assert all(issubclass(error, oldest) for error in errors_)


def test_what_can_be_tried_again_says_so():
    retryable = {error.__name__ for error in ALL if error.retryable}

    assert {"RateLimited", "Capacity", "IdempotencyConflict", "ProviderError"} <= retryable
    assert not {"CallEnded", "InvalidRequest", "Unauthorized", "InternalError"} & retryable


def test_fields_and_patience_are_kept():
    error = errors.InvalidRequest(fields={"text": ("Too short.",)}, retry_after=2.5)

    assert error.fields == {"text": ["Too short."]}
    assert error.retry_after == 2.5
    assert errors.InvalidRequest().fields == {}
