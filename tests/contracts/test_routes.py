"""Every route is behind authentication, or named here as public."""

import pytest

# What anybody may ask for, and why.
PUBLIC = {
    "static": "style sheets, scripts and pictures",
    "health.health": "load balancers have no key",
}
PUBLIC_BLUEPRINTS = {
    "entrance": "sign-up and login",
    "join": "a guest link is its own proof",
    "rooms_socket": "what is no WebSocket is told so first; see that socket's own tests",
    "rooms_public": "a guest link is exchanged for a token here",
    "gateway_stream": "authenticated after the upgrade; see the stream's own tests",
}


@pytest.fixture
def routes(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC]


def is_public(rule):
    return rule.endpoint.partition(".")[0] in PUBLIC_BLUEPRINTS


def test_no_route_works_without_proof_of_who_asks(app, client, routes):
    for rule in routes:
        if is_public(rule):
            continue
        path = rule.rule
        for argument in rule.arguments:
            name = next(part for part in path.split("/") if part.endswith(f"{argument}>"))
            path = path.replace(name, "x")
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            reply = client.open(path, method=method)
            to_login = reply.status_code == 302 and "/login" in reply.headers["Location"]

            assert reply.status_code == 401 or to_login, f"{method} {path}: {reply.status}"


def test_what_is_named_as_public_exists(app, routes):
    blueprints = {rule.endpoint.partition(".")[0] for rule in routes}

    assert set(PUBLIC_BLUEPRINTS) <= blueprints
    assert set(PUBLIC) <= set(app.view_functions)


def test_every_route_of_an_api_works_with_a_slash_at_its_end(client, routes):
    for rule in routes:
        if not rule.rule.startswith("/api") or rule.arguments or is_public(rule):
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            reply = client.open(f"{rule.rule}/", method=method)

            assert reply.status_code == 401, f"{method} {rule.rule}/: {reply.status}"
