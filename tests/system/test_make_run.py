"""The product as `make run` starts it: real processes, from the first start to the last."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from app.run import folders
from tests import product as products
from tests.product import ROOT, Product
from tests.waiting import until

MODEST = {"LIVE_PROCESSES": "1", "WEB_CONCURRENCY": "1"}
NOTHING_GIVEN = {"BOOTSTRAP_API_KEY": "", "BOOTSTRAP_EMAIL": "", "BOOTSTRAP_PASSWORD": ""}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder so deep that no Unix socket's address could name a file in it."""
    return tmp_path_factory.mktemp("install") / "deep" / ("x" * 80)


@pytest.fixture(scope="module")
def first(data_dir: Path) -> Product:
    """A first start with nothing given, ended by Ctrl-C as soon as it was up."""
    found = products.start(data_dir, **MODEST, **NOTHING_GIVEN)
    found.wait_healthy()
    found.wait_for("Ctrl-C stops everything")
    assert found.stop(signal.SIGINT) == 0
    return found


@pytest.fixture(scope="module")
def second(first: Product) -> Iterator[Product]:
    """A second start on the same data folder."""
    with products.running(first.data_dir, **MODEST, **NOTHING_GIVEN) as found:
        found.wait_for("Ctrl-C stops everything")
        yield found


def test_the_first_start_prints_the_first_login_and_key(first: Product) -> None:
    assert f"Dashboard   {first.url}/" in first.log()
    assert re.search(r"Login +admin@localhost", first.log())
    assert re.search(r"Password +\S{12,}", first.log())
    assert re.search(r"API key +chmd_\S{43}", first.log())


def test_a_later_start_prints_the_address_and_no_secret(second: Product) -> None:
    assert f"Dashboard   {second.url}/" in second.log()
    assert "Password" not in second.log()
    assert "chmd_" not in second.log()


def test_the_printed_key_opens_the_api_after_a_restart(first: Product, second: Product) -> None:
    key = re.findall(r"chmd_\S{43}", first.log())[0]

    reply = httpx.get(f"{second.url}/api/account", headers={"X-API-Key": key})

    assert reply.status_code == 200


def test_a_second_start_beside_a_running_one_says_so_and_ends(second: Product) -> None:
    other = products.start(second.data_dir, **MODEST)

    assert other.await_end() == 1
    assert f"runs already on the data folder {second.data_dir}" in other.log()
    assert f"process {second.process.pid}" in other.log()


def test_a_taken_port_is_named(second: Product, tmp_path: Path) -> None:
    other = products.start(tmp_path, PORT=str(second.port))

    assert other.await_end() == 1
    assert f"port {second.port} on 127.0.0.1 is not free" in other.log()


def test_every_process_has_its_role(second: Product) -> None:
    roles = ("run", "redis", "live", "registrar", "engine", "web", "web-worker", "worker")

    found = {role: len(second.pids(role)) for role in roles}

    assert found == dict.fromkeys(roles, 1)


@pytest.mark.parametrize("role", ["web", "redis", "worker"])
def test_a_killed_process_is_started_again(second: Product, role: str) -> None:
    killed = second.kill(role)

    second.wait_for(f"The process {role} was killed by SIGKILL and is started again")
    until(lambda: second.pids(role) != [killed])
    second.wait_healthy()


def test_a_drained_start_ends_with_0_and_says_why(second: Product) -> None:
    os.kill(second.pids("live")[0], signal.SIGUSR1)

    assert second.await_end() == 0
    assert "The process live ended by itself with code 0, so the others were" in second.log()
    assert not (second.data_dir / "run").exists()


def test_a_killed_start_takes_its_processes_with_it(tmp_path: Path) -> None:
    with products.running(tmp_path, **MODEST) as doomed:
        family = psutil.Process(doomed.process.pid).children(recursive=True)

        doomed.kill("run")

        _, alive = psutil.wait_procs(family, timeout=products.STOP_SECONDS)
        assert alive == []
        assert (tmp_path / "run").exists()
        with folders.sockets(tmp_path) as run:  # What the next start does first.
            assert list(run.iterdir()) == []


def test_wrong_settings_end_with_their_own_exit_code(tmp_path: Path) -> None:
    wrong = products.start(tmp_path, WEB_CONCURRENCY="many")

    assert wrong.await_end() == 2
    assert (
        "WEB_CONCURRENCY must be a int" in wrong.log() or "WEB_CONCURRENCY must be" in wrong.log()
    )


def test_the_operators_commands_are_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "--help"]
    environment = os.environ | {"DATA_DIR": str(tmp_path)}

    shown = subprocess.check_output(command, cwd=ROOT, env=environment, text=True)

    for name in ("bootstrap", "db", "events", "keys", "rooms", "tenants", "users"):
        assert re.search(rf"^  {name} ", shown, re.MULTILINE)
