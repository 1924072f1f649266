"""Log lines for every process: static text plus fields, secrets blacked out, on standard error."""

import logging
import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

Fields = MutableMapping[str, Any]

BLACK = "[redacted]"
_SECRET_FIELDS = re.compile(r"(?i)authorization|api_?key|password|secret|token|cookie")
_SECRETS = (
    # Values in a query or a form, by the name of the parameter.
    re.compile(
        r"(?i)(?P<keep>\b(?:api_key|access_token|refresh_token|token|password|secret)=)[^&\s\"']+"
    ),
    re.compile(r"(?i)(?P<keep>\bauthorization[\"']?\s*[:=]\s*[\"']?)(?:\w+\s+)?[^\s\"',]+"),
    re.compile(r"(?i)(?P<keep>\bbearer\s+)[^\s\"',]+"),
    # Secrets that show by themselves what they are: guest links, API keys, JWTs.
    re.compile(r"(?P<keep>\bjt_)[\w-]{8,}"),
    re.compile(r"(?P<keep>\b(?:chmd|chalk|sk_live|sk_test)_)[\w-]{8,}"),
    re.compile(r"(?P<keep>\beyJ)[\w-]+\.[\w-]+\.[\w-]*"),
    # The password of a database or Redis URL.
    re.compile(r"(?P<keep>://[^/\s:@]*:)[^/\s@]+(?=@)"),
)


def configure(level: str = "INFO") -> None:
    """Send all log lines of this process, ours and the libraries', through one handler."""
    logging.config.dictConfig(settings(level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def settings(level: str) -> dict[str, Any]:
    """What `logging.config.dictConfig` needs; gunicorn takes the same."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, pad_level=False),
        ],
    }
    handler = {"class": "logging.StreamHandler", "formatter": "lines"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"lines": handler},
        "root": {"level": level.upper(), "handlers": ["lines"]},
        # What these say at INFO is every request and every step.
        "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore", "alembic")},
    }


def redact(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Black out secrets in the text, the fields and the traceback of a log line."""
    for name, value in fields.items():
        if name != "event" and _SECRET_FIELDS.search(name):
            fields[name] = BLACK
        elif isinstance(value, str):
            fields[name] = blacken(value)
    return fields


def blacken(text: str) -> str:
    """Replace what looks like a secret; the rest of the text stays as it is."""
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<keep>{BLACK}", text)
    return text


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
