"""What the server writes to its log: one JSON object a line, and nothing that was typed.

No name, nothing that was typed: the application logs what failed and where (the endpoint, never the
query), and the database's errors keep their parameters to themselves (`hide_parameters`,
extensions.py). No address: of those who were turned away a code (serving/refusals.py).
"""

import json
import logging
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """Makes one line of JSON of a record: at, level, logger, message, the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_config() -> dict[str, Any]:
    """Return the configuration of logging for the server and its workers: all to standard error."""
    own = {"handlers": ["lines"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "wardsite.ops.logs.JsonLines"}},
        "handlers": {
            "lines": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["lines"], "level": "INFO"},
        "loggers": {"_granian": own, "granian.access": own},
    }
