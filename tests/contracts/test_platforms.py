"""The registry of platforms and what it names belong together."""

from pathlib import Path

import pytest

from app import platforms
from app.errors import InvalidRequest
from app.platforms.base import Connector
from app.platforms.facts import FACTS

NO_CONNECTORS = {"__init__", "base", "facts", "targets"}


@pytest.mark.parametrize("name", platforms.NAMES)
def test_every_line_of_the_registry_loads(name):
    connector = platforms.get(name)

    assert isinstance(connector, Connector)
    assert connector.name == name
    assert set(connector.works) <= set(connector.facts.capabilities)


def test_every_file_has_a_line():
    files = {path.stem for path in Path(platforms.__file__).parent.glob("*.py")}
    named = {path.partition(":")[0].rpartition(".")[2] for path in platforms.REGISTRY.values()}

    assert files - NO_CONNECTORS == named - NO_CONNECTORS


def test_every_platform_has_its_facts_and_the_other_way_round():
    assert set(platforms.NAMES) == set(FACTS)


def test_an_unknown_platform_is_refused_with_the_known_ones():
    with pytest.raises(InvalidRequest) as caught:
        platforms.get("skype")

    assert "discord" in caught.value.fields["platform"][0]
