"""What a handler is given besides the event, with the names that Lambda's context has.

https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

import time

from .settings import Settings


class Context:
    """One batch's. `identity` and `client_context` are None, as they are behind a queue."""

    function_version = "$LATEST"
    identity = None
    client_context = None
    log_group_name = ""
    log_stream_name = ""

    def __init__(self, settings: Settings, request_id: str) -> None:
        self.function_name = settings.name
        self.memory_limit_in_mb = str(settings.memory)
        self.aws_request_id = request_id
        # The queue's ARN with the worker's name: an ARN as tools expect one, for there is no function.
        _, partition, _, region, account, *_ = settings.queue_arn.split(":")
        self.invoked_function_arn = f"arn:{partition}:lambda:{region}:{account}:function:{settings.name}"
        self._until = time.monotonic() + settings.timeout

    def get_remaining_time_in_millis(self) -> int:
        """How long the batch may still take."""
        return max(0, int((self._until - time.monotonic()) * 1000))
