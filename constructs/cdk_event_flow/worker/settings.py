"""What a worker is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_RECEIVED = 10  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
LONGEST_WAIT = 20  # seconds of a long poll
LONGEST_VISIBILITY = (
    43_200  # 12 hours, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
)


class SettingsError(Exception):
    """A variable is missing, or holds what it cannot mean."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Times in seconds. `name` is the fleet's, `handler` `module.function`, `queue_url` what it works through.

    A message is hidden for `visibility`, again and again while its batch is worked on. A batch may take `timeout`. After a
    SIGTERM the worker has `stop` to end what it holds; what is left then is given back. A receive waits for up to `wait` for
    the first message. With `protect` the task asks not to be scaled in while it works. `memory` in MB is what the handler's
    context says.
    """

    name: str
    handler: str
    queue_url: str
    queue_arn: str
    batch: int = MOST_RECEIVED
    timeout: int = 900
    visibility: int = 60
    stop: int = 110
    wait: int = LONGEST_WAIT
    protect: bool = False
    memory: int = 0

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """As the variables `WORKER_…` say. Raises SettingsError."""
        return cls(
            name=_text(environment, "WORKER_NAME"),
            handler=_text(environment, "WORKER_HANDLER"),
            queue_url=_text(environment, "WORKER_QUEUE_URL"),
            queue_arn=_text(environment, "WORKER_QUEUE_ARN"),
            batch=_number(environment, "WORKER_BATCH", 1, MOST_RECEIVED, cls.batch),
            timeout=_number(environment, "WORKER_TIMEOUT", 1, LONGEST_VISIBILITY, cls.timeout),
            visibility=_number(environment, "WORKER_VISIBILITY", 1, LONGEST_VISIBILITY, cls.visibility),
            stop=_number(environment, "WORKER_STOP", 0, LONGEST_VISIBILITY, cls.stop),
            wait=_number(environment, "WORKER_WAIT", 0, LONGEST_WAIT, cls.wait),
            protect=environment.get("WORKER_PROTECT", "") == "true",
            memory=_number(environment, "WORKER_MEMORY", 0, 1_000_000, cls.memory),
        )


def _text(environment: Mapping[str, str], name: str) -> str:
    if value := environment.get(name):
        return value
    raise SettingsError(f"{name} is not set; a fleet sets it for its workers")


def _number(environment: Mapping[str, str], name: str, low: int, high: int, usual: int) -> int:
    text = environment.get(name, "") or str(usual)
    if text.isascii() and text.isdigit() and low <= int(text) <= high:
        return int(text)
    raise SettingsError(f"{name} is {text!r}; it must be a whole number of {low} to {high}")
