import pytest

from app.websocket import Refused, accept, accept_key, offered_subprotocols

REQUEST = {
    "REQUEST_METHOD": "GET",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "gateway.example.org",
    "HTTP_UPGRADE": "websocket",
    "HTTP_CONNECTION": "Upgrade",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
    "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
}
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\n"
    b"Upgrade: websocket\r\n"
    b"Connection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)


def test_the_example_of_the_rfc_is_answered_as_printed_there():
    assert accept(REQUEST) == ANSWER + b"\r\n"
    assert accept_key(REQUEST["HTTP_SEC_WEBSOCKET_KEY"]) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    "change",
    [
        {"HTTP_UPGRADE": "WebSocket"},
        {"HTTP_UPGRADE": "h2c, websocket"},
        {"HTTP_CONNECTION": "keep-alive, Upgrade"},
        {"HTTP_CONNECTION": "upgrade"},
        {"HTTP_SEC_WEBSOCKET_KEY": "  dGhlIHNhbXBsZSBub25jZQ== "},
        {"HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate; client_max_window_bits"},
        {"HTTP_SEC_WEBSOCKET_PROTOCOL": "chat, superchat"},
    ],
)
def test_harmless_variants_get_the_same_answer(change):
    assert accept(REQUEST | change) == ANSWER + b"\r\n"


@pytest.mark.parametrize(
    "change",
    [
        {"SERVER_PROTOCOL": "HTTP/1.0"},
        {"HTTP_HOST": ""},
        {"HTTP_UPGRADE": ""},
        {"HTTP_UPGRADE": "websockets"},
        {"HTTP_CONNECTION": "close"},
        {"HTTP_CONNECTION": "no-upgrade"},
        {"HTTP_SEC_WEBSOCKET_KEY": ""},
        {"HTTP_SEC_WEBSOCKET_KEY": "dG9vIHNob3J0"},
        {"HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ"},
        {"HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZSEhISE="},
        {"HTTP_SEC_WEBSOCKET_KEY": "dGhl!HNhbXBsZSBub25jZQ=="},
        {"HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZ\xb5=="},
        {"HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==,dGhlIHNhbXBsZSBub25jZQ=="},
    ],
)
def test_a_bad_request_is_refused(change):
    with pytest.raises(Refused) as refused:
        accept(REQUEST | change)

    assert refused.value.status == 400
    assert refused.value.headers == {}


@pytest.mark.parametrize("missing", sorted(REQUEST))
def test_nothing_may_be_missing(missing):
    with pytest.raises(Refused):
        accept({name: value for name, value in REQUEST.items() if name != missing})


@pytest.mark.parametrize("version", ["", "8", "14", "13, 8", "013"])
def test_another_version_learns_which_one_is_spoken(version):
    with pytest.raises(Refused) as refused:
        accept(REQUEST | {"HTTP_SEC_WEBSOCKET_VERSION": version})

    assert refused.value.status == 426
    assert refused.value.headers == {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


def test_another_method_learns_which_one_is_allowed():
    with pytest.raises(Refused) as refused:
        accept(REQUEST | {"REQUEST_METHOD": "POST"})

    assert refused.value.status == 405
    assert refused.value.headers == {"Allow": "GET"}


def test_subprotocols_are_listed_in_the_clients_order():
    offer = {"HTTP_SEC_WEBSOCKET_PROTOCOL": "chalk, token.abc ,,chat"}

    assert offered_subprotocols(REQUEST) == []
    assert offered_subprotocols(offer) == ["chalk", "token.abc", "chat"]


def test_the_chosen_subprotocol_and_further_headers_are_sent():
    request = REQUEST | {"HTTP_SEC_WEBSOCKET_PROTOCOL": "chalk, token.abc"}

    answer = accept(request, "chalk", [("Deprecation", "@1767657600")])

    assert answer == ANSWER + (b"Sec-WebSocket-Protocol: chalk\r\nDeprecation: @1767657600\r\n\r\n")


@pytest.mark.parametrize("chosen", ["chat", "Chalk", ""])
def test_a_subprotocol_that_was_not_offered_is_never_chosen(chosen):
    with pytest.raises(ValueError, match="offer"):
        accept(REQUEST | {"HTTP_SEC_WEBSOCKET_PROTOCOL": "chalk"}, chosen)


@pytest.mark.parametrize(
    "header", [("X-A", "1\r\nX-B: 2"), ("X-A\r\nX-B", "1"), ("X A", "1"), ("", "1"), ("X-A", "€")]
)
def test_a_header_cannot_smuggle_another(header):
    with pytest.raises(ValueError, match="header"):
        accept(REQUEST, headers=[header])
