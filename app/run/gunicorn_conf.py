"""How gunicorn serves `wsgi:app`.

It is read in gunicorn's master, before its gevent worker has patched the standard library, so it
must not import the app: locks made by then would block a whole worker. HOST, PORT and
WEB_CONCURRENCY come from the command line in the Procfile and from gunicorn's own defaults.
"""

from typing import Any

worker_class = "gevent"
worker_connections = 8192  # Open connections per worker; long polls and event streams count.
backlog = 2048
keepalive = 30  # Seconds; clients of the REST API come back often.
timeout = 60  # Seconds without a turn of the event loop until a worker is taken as hung.
graceful_timeout = 3  # Seconds for open requests at the end. Calls are not among them.
limit_request_line = 8190  # Bytes; a JWT may travel in the address of a WebSocket.
limit_request_field_size = 16_380
forwarded_allow_ips = ""  # TRUSTED_PROXIES decides, in the app.
control_socket_disable = True  # It would lie in the home folder, outside of DATA_DIR.
loglevel = "warning"  # Its own comings and goings are of no use beside ours.
accesslog = None  # Failures are logged by the app, with the request's id and without its secrets.
proc_name = "patchbay-web"


def post_worker_init(worker: Any) -> None:
    """Send the worker's log lines through ours, now that the app is there."""
    from app import logs  # Not earlier: see above.

    settings = worker.app.callable.config["SETTINGS"]
    logs.configure(settings.log_level)
    for gunicorns in (worker.log.error_log, worker.log.access_log):
        gunicorns.handlers.clear()
        gunicorns.propagate = True


def post_request(_worker: Any, _request: Any, _environ: Any, _response: Any) -> None:
    """Let the other connections have their turn.

    A client that has sent its next request already would else be served again and again, for the
    worker changes connections only where it has to wait.
    """
    import gevent  # Not earlier: see above.

    gevent.sleep(0)
