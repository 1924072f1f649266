"""What the gateway dialect says of a row."""

import pytest

from app import ids
from app.api.gateway import words
from app.models import ApiKey, Call


def test_addresses_hold_no_key(context):
    call = Call(id=ids.new(), platform="room", join_token_id=ids.new())

    assert words.stream_url(call).startswith("ws://127.0.0.1:8080/api/call/call_")
    assert "?" not in words.stream_url(call)
    assert words.join_url(call).startswith("http://127.0.0.1:8080/join/jt_")


def test_a_secure_install_hands_out_secure_addresses(context, configure):
    configure(public_url="https://calls.example.org")

    assert words.stream_url(Call(id=ids.new())).startswith("wss://calls.example.org/api/call/")


def test_meetings_elsewhere_have_no_link_of_ours(context):
    assert words.join_url(Call(platform="zoom", join_token_id=ids.new())) is None
    assert words.join_url(Call(platform="room", join_token_id=None)) is None


@pytest.mark.parametrize(("rate", "size"), [(48_000, 1920), (16_000, 640), (8_000, 320)])
def test_a_frame_is_20_ms_of_16_bit_samples(rate, size):
    audio = words.audio(Call(rate=rate))

    assert (audio["sample_rate"], audio["frame_bytes"]) == (rate, size)


def test_a_failure_has_a_code_and_a_message():
    assert words.failure(Call()) is None
    assert words.failure(Call(error_code="x", error_message="Y.")) == {"code": "x", "message": "Y."}


def test_no_scopes_stored_means_all():
    assert "calls:read" in words.scopes(ApiKey(scopes=[]))
    assert words.scopes(ApiKey(scopes=["files:read"])) == ["files:read"]
