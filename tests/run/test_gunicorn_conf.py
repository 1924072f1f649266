"""How gunicorn serves the app."""

import runpy
import subprocess
import sys
from pathlib import Path

from gunicorn.config import Config

CONFIG = Path(__file__).parents[2] / "app" / "run" / "gunicorn_conf.py"


def test_gunicorn_knows_every_setting_in_it() -> None:
    config = Config()

    for name, value in runpy.run_path(str(CONFIG)).items():
        if not name.startswith("__") and name != "Any":
            config.set(name, value)

    assert config.worker_class_str == "gevent"
    assert config.control_socket_disable
    assert config.forwarded_allow_ips == []
    assert config.accesslog is None


def test_reading_it_does_not_import_the_app() -> None:
    script = f"import runpy, sys; runpy.run_path({str(CONFIG)!r}); assert 'app' not in sys.modules"

    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)
