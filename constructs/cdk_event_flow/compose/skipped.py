"""Checks of checkov that our resources fail by design, left out beside each resource, each with its reason."""

from enum import Enum
from typing import Any


class Skipped(Enum):
    """Every kind there is: the id of the check, and the reason a reviewer reads.

    How a resource says it: https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
    """

    NO_LIMIT = ("CKV_AWS_115", "A limit that nobody chose would throttle: reserved=, or concurrency= of the guardrails, sets one.")
    NO_NETWORK = ("CKV_AWS_117", "Nothing private is reached: network=, or the guardrails, put the function into a VPC.")
    DESTINATION_FOR_FAILURES = ("CKV_AWS_116", "What fails goes to the alias's failure destination, with the error.")
    LOGS_OF_ACCESS = ("CKV_AWS_18", "This bucket is the one for access logs: logged into itself, they would not end.")
    INTERFACES_OF_LAMBDA = ("CKV_AWS_111", "Lambda makes these network interfaces and names them, and looks before at all there are.")


def skipped(*kinds: Skipped) -> dict[str, Any]:
    """The metadata of a resource; empty for none."""
    return {"checkov": {"skip": [{"id": kind.value[0], "comment": kind.value[1]} for kind in kinds]}} if kinds else {}
