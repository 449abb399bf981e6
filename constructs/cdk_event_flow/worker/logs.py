"""What a handler logs, as Lambda writes it where its log format is JSON.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

# One batch at a time: the id of the one in hand.
request = {"id": ""}


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging."""
        said: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": request["id"],
        }
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            said |= {
                "errorType": type(error).__name__,
                "errorMessage": str(error),
                "stackTrace": traceback.format_exception(error),
            }
        return json.dumps(said, default=str)


def log_as_lambda() -> None:
    """Give the root logger the one handler that it has in Lambda."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
