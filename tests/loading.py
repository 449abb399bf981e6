"""Handlers loaded as Lambda loads them: in an environment of their own, from their folder and what is bundled with it."""

import importlib
import logging
import sys
from dataclasses import dataclass
from pathlib import Path

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics.provider.cold_start import reset_cold_start_flag

REGION = "eu-west-1"


@dataclass
class Context:
    """What Lambda's context says; `remaining` in milliseconds."""

    remaining: int = 30_000
    function_name: str = "demo"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:111122223333:function:demo:live"
    aws_request_id: str = "8f5f5c5e-6d0c-4d5e-9b1a-3f0f6d3c2b1a"

    def get_remaining_time_in_millis(self):
        return self.remaining


class Loader:
    """Imports modules of functions in `lambda_src`, each time anew: their folder and `lambda_src` lead the path, nothing is left.

    A handler is loaded in the test itself: its logger keeps the standard output it found, and a fixture's is another.
    """

    def __init__(self, lambda_src, monkeypatch):
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
        self._source, self._monkeypatch = lambda_src, monkeypatch
        self._services = set()

    def __call__(self, function, module="handler"):
        before = set(sys.modules)
        self.forget_loggers()
        reset_cold_start_flag()
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "path", [str(self._source / function), str(self._source), *sys.path])
            importlib.invalidate_caches()
            loaded = importlib.import_module(module)
        for name in set(sys.modules) - before:
            if Path(getattr(sys.modules[name], "__file__", None) or "/").is_relative_to(self._source):
                del sys.modules[name]
        if isinstance(logger := getattr(loaded, "logger", None), Logger):
            self._services.add(logger.service)
        return loaded

    def forget_loggers(self):
        for service in self._services:
            logging.Logger.manager.loggerDict.pop(service, None)
