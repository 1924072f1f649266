"""How gunicorn serves the app."""

import subprocess
import sys
from pathlib import Path

from gunicorn.app.wsgiapp import WSGIApplication

CONFIG = Path(__file__).parents[2] / "app" / "run" / "gunicorn_conf.py"


def test_gunicorn_takes_every_line_of_it() -> None:
    server = WSGIApplication()
    server.load_config_from_file(str(CONFIG))

    assert server.cfg.worker_class_str == "gevent"
    assert server.cfg.control_socket_disable
    assert server.cfg.forwarded_allow_ips == []
    assert server.cfg.accesslog is None


def test_reading_it_does_not_import_the_app() -> None:
    script = f"import runpy, sys; runpy.run_path({str(CONFIG)!r}); assert 'app' not in sys.modules"

    subprocess.run([sys.executable, "-c", script], check=True, timeout=20)
