"""The platform table."""

import pytest

from app.platforms.facts import FACTS

ORDER = ["audio_in", "audio_out", "read", "write", "typing", "files", "dtmf"]


@pytest.mark.parametrize("name", FACTS)
def test_a_row_is_complete_and_in_the_order_the_apis_show(name):
    facts = FACTS[name]

    assert facts.name == name
    assert list(facts.capabilities) == [each for each in ORDER if each in facts.capabilities]
    assert facts.rate in (8_000, 16_000, 48_000)
    assert (facts.max_text is None) == ("write" not in facts.capabilities)
    assert (facts.reason is None) == (facts.status == "ready")


def test_native_rates_are_those_of_the_platforms():
    by_rate = {}
    for name, facts in FACTS.items():
        by_rate.setdefault(facts.rate, set()).add(name)

    assert by_rate[48_000] == {"room", "discord", "meet", "nctalk"}
    assert by_rate[8_000] == {"sip"}


def test_only_phone_lines_have_a_keypad():
    assert [name for name, facts in FACTS.items() if "dtmf" in facts.capabilities] == ["sip"]
