"""A task that asks ECS not to be scaled in while it works.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
"""

import json
import math
import urllib.request

from .held import Say

LONGEST_MINUTES = 2_880
_PATIENCE = 5.0


class Protection:
    """Asks the agent at `agent` (`ECS_AGENT_URI`); without one it asks nobody. What the agent refuses is said, and no more:
    a task that is stopped gives back what it holds."""

    def __init__(self, agent: str, timeout: int, say: Say) -> None:
        self._agent = agent
        self._minutes = min(LONGEST_MINUTES, math.ceil(timeout / 60) + 1)
        self._say = say

    def __enter__(self) -> "Protection":
        self._ask({"ProtectionEnabled": True, "ExpiresInMinutes": self._minutes})
        return self

    def __exit__(self, *_: object) -> None:
        self._ask({"ProtectionEnabled": False})

    def _ask(self, wanted: dict[str, object]) -> None:
        if not self._agent:
            return
        request = urllib.request.Request(
            f"{self._agent}/task-protection/v1/state",
            data=json.dumps(wanted).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                failure = json.load(answer).get("failure")
        except (OSError, ValueError) as error:
            failure = str(error)
        if failure:
            self._say("not-protected", level="WARN", error=str(failure))
