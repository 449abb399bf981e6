"""Asynchronous invocation: how often Lambda tries, and where an event goes when it gives up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.edge import LAMBDA_QUOTAS, seconds, within
from cdk_event_flow.errors import Problem

DEFAULT_RETRIES = 2
DEFAULT_AGE = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Asynchronous:
    """How Lambda tries an asynchronous invocation again, and where its event goes when it gives up.

    `retries` 0 to 2 (default 2, after about 1 and 2 minutes), `max_age` 60 seconds to 6 hours (default 6 hours).
    `dead_letters` receives the event that failed: the stack's `Undelivered` queue unless another standard queue is given;
    None for none, where `on_failure` has a destination.
    """

    retries: int = DEFAULT_RETRIES
    max_age: timedelta = DEFAULT_AGE
    dead_letters: sqs.IQueue | Literal["undelivered"] | None = "undelivered"

    def problems(self) -> list[Problem]:
        """What Lambda would refuse."""
        problems = [
            *within("EF-ASYNC-RETRIES", "retries", self.retries, 0, 2, unit="retries", source=LAMBDA_QUOTAS,
                    fix="give 0, 1 or 2, or put a queue before the function"),
            *within("EF-ASYNC-AGE", "max_age", seconds(self.max_age), 60, 21_600, unit="seconds", source=LAMBDA_QUOTAS,
                    fix="choose an age in that range"),
        ]  # fmt: skip
        if isinstance(self.dead_letters, sqs.QueueBase) and self.dead_letters.fifo:
            problems.append(
                Problem(code="EF-ASYNC-DEAD-LETTERS", given="the dead-letter queue of the function is FIFO",
                        allowed="Lambda (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html) "
                        "sends failed events to standard queues only", fix="give a standard queue")
            )  # fmt: skip
        return problems


def configure(alias: lambda_.Alias, wanted: Asynchronous) -> None:
    """Write down on the alias what is not Lambda's own default."""
    if (wanted.retries, wanted.max_age) == (DEFAULT_RETRIES, DEFAULT_AGE):
        return
    lambda_.CfnEventInvokeConfig(
        alias,
        "Asynchronous",
        function_name=alias.lambda_.function_name,
        qualifier=alias.alias_name,
        maximum_retry_attempts=wanted.retries,
        maximum_event_age_in_seconds=seconds(wanted.max_age),
    )
