"""No process outlives the one that started it."""

import signal
import subprocess
import sys

import psutil
import pytest

from tests.waiting import until

PARENT = """
import os, subprocess, sys
from app.run.leash import die_with_parent
child = subprocess.Popen(["sleep", "60"], preexec_fn=die_with_parent)
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells of a parent's death.")
def test_a_child_ends_with_its_killed_parent() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))

        parent.send_signal(signal.SIGKILL)

        until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
