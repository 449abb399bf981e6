"""`python -m event_flow_worker`, as the image of a fleet starts it."""

import importlib
import os
import sys
import traceback
from typing import Any

from .logs import log_as_lambda
from .settings import Settings, SettingsError
from .worker import FAILED, Worker, say


def handler_of(name: str) -> Any:
    """The function `module.function`. Raises what importing it raises, AttributeError, or ValueError for no such name."""
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def main() -> int:
    """Nothing is received before the handler is there: code that does not load costs no message a receive."""
    log_as_lambda()
    try:
        settings = Settings.of(os.environ)
        handler = handler_of(settings.handler)
    except SettingsError as error:
        say("not-started", level="ERROR", errorMessage=str(error))
        return FAILED
    except BaseException as error:
        say(
            "not-started",
            level="ERROR",
            errorType=type(error).__name__,
            errorMessage=str(error),
            stackTrace=traceback.format_exception(error),
        )
        return FAILED

    import boto3
    from botocore.config import Config

    patient = Config(read_timeout=settings.wait + 10, connect_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    worker = Worker(settings, boto3.client("sqs", config=patient), handler)
    worker.listen()
    return worker.run()


if __name__ == "__main__":
    sys.exit(main())
