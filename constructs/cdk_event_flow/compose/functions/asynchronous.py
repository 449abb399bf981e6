"""Asynchronous invocation: how often Lambda tries, and where an event goes when it gives up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.edge import LAMBDA_QUOTAS, seconds, within
from cdk_event_flow.compose.messaging.queue import Queue, undelivered
from cdk_event_flow.errors import Problem
from constructs import Construct

RECORDS = "Lambda (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html)"
DEFAULT_RETRIES = 2
DEFAULT_AGE = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Asynchronous:
    """How Lambda tries an asynchronous invocation again, and where its event goes when it gives up.

    `retries` 0 to 2 (default 2, after about 1 and 2 minutes), `max_age` 60 seconds to 6 hours (default 6 hours).
    `dead_letters` receives the event that failed, and nothing about why: the stack's `Undelivered` queue unless another
    standard queue or topic is given; None for none, where `on_failure` has a destination, which receives the error as well.
    """

    retries: int = DEFAULT_RETRIES
    max_age: timedelta = DEFAULT_AGE
    dead_letters: sqs.IQueue | sns.ITopic | Queue | Literal["undelivered"] | None = "undelivered"

    def problems(self) -> list[Problem]:
        """What Lambda would refuse."""
        return [
            *within("EF-ASYNC-RETRIES", "retries", self.retries, 0, 2, unit="retries", source=LAMBDA_QUOTAS,
                    fix="give 0, 1 or 2, or put a queue before the function"),
            *within("EF-ASYNC-AGE", "max_age", seconds(self.max_age), 60, 21_600, unit="seconds", source=LAMBDA_QUOTAS,
                    fix="choose an age in that range"),
            *fifo_problems("EF-ASYNC-DEAD-LETTERS", "the dead-letter target of the function", receiver_of(self.dead_letters)),
        ]  # fmt: skip

    def dead_letter_target(self, scope: Construct) -> dict[str, Any]:
        """What a CDK Lambda function is given."""
        if self.dead_letters is None:
            return {}
        target = undelivered(scope) if self.dead_letters == "undelivered" else receiver_of(self.dead_letters)
        return {"dead_letter_topic" if hasattr(target, "topic_arn") else "dead_letter_queue": target}

    @property
    def tried_otherwise(self) -> dict[str, Any]:
        """Properties of an EventInvokeConfig that are not Lambda's own defaults."""
        return {
            **({"maximum_retry_attempts": self.retries} if self.retries != DEFAULT_RETRIES else {}),
            **({"maximum_event_age_in_seconds": seconds(self.max_age)} if self.max_age != DEFAULT_AGE else {}),
        }


def receiver_of(given: Any) -> Any:
    """The CDK's own construct that receives for one of ours."""
    return getattr(given, "receiver", given)


def fifo_problems(code: str, what: str, target: Any) -> list[Problem]:
    """That a queue or topic is FIFO: Lambda takes the configuration and never delivers."""
    if getattr(target, "fifo", None) is not True:
        return []
    return [
        Problem(code=code, given=f"{what} is FIFO", allowed=f"{RECORDS} sends events to standard queues and topics only",
                fix="give a standard queue or topic")
    ]  # fmt: skip
