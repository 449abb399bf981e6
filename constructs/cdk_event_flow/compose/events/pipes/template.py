"""What an enrichment or a target receives in place of the whole record."""

import json
import re
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.errors import Problem

TRANSFORMATION = "EventBridge Pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html)"
MAX_TEMPLATE = 8_192
CONSTANTS = frozenset(
    f"aws.pipes.{name}"
    for name in ("pipe-arn", "pipe-name", "source-arn", "enrichment-arn", "target-arn", "event.ingestion-time", "event", "event.json")
)

# What stands at the top of a record, by the kind of source: of a stream, what Lambda nests under `kinesis` stands at the top.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html
RECORD_KEYS: Mapping[str, tuple[str, ...]] = {
    "sqs": (
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "md5OfMessageAttributes",
        "eventSource", "eventSourceARN", "awsRegion",
    ),
    "kinesis": (
        "kinesisSchemaVersion", "partitionKey", "sequenceNumber", "data", "approximateArrivalTimestamp", "encryptionType",
        "eventSource", "eventVersion", "eventID", "eventName", "invokeIdentityArn", "awsRegion", "eventSourceARN",
    ),
    "dynamodb": (
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN", "userIdentity", "tableName",
    ),
}  # fmt: skip


def text_of(template: Any) -> str:
    """The template as AWS wants it: a value of JSON whose strings that are one `<…>` stand without quotes; a text as it is."""
    if isinstance(template, str):
        return template
    return re.sub(r'"(<[^<>"]+>)"', r"\1", json.dumps(template, ensure_ascii=False))


def template_problems(what: str, template: Any, kind: str | None) -> list[Problem]:
    """What EventBridge would refuse of a template, and paths that it would leave empty without a word.

    `kind` is that of the source whose records it reads, None behind an enrichment, whose answer may hold anything.
    """
    text = text_of(template)
    problems = []
    if len(text) > MAX_TEMPLATE:
        problems.append(Problem(code="EF-PIPE-INPUT", given=f"{what} has {len(text):,} characters",
                                allowed=f"{TRANSFORMATION} takes {MAX_TEMPLATE:,}", fix="pass less"))  # fmt: skip
    for name in re.findall(r"<([^<>\s]+)>", text):
        if name.startswith("$"):
            problems += path_problems(f"{what} reads <{name}>", name, kind)
        elif name not in CONSTANTS:
            problems.append(
                Problem(code="EF-PIPE-INPUT", given=f"{what} uses <{name}>",
                        allowed=f"{TRANSFORMATION} knows <$.path> and <{'>, <'.join(sorted(CONSTANTS))}>",
                        fix="write a path, as <$.body.id>, or one of those names")
            )  # fmt: skip
    return problems


def path_problems(given: str, path: str, kind: str | None) -> list[Problem]:
    """A path that EventBridge does not read, or that no record has."""
    if not re.fullmatch(r"\$(\.[\w-]+|\.\*|\[(\d+|\*)\])*", path):
        return [Problem(code="EF-PIPE-INPUT", given=given,
                        allowed=f"{TRANSFORMATION} reads names, dashes, indexes and * after $",
                        fix="write for example $.body.id")]  # fmt: skip
    keys, first = RECORD_KEYS.get(kind or ""), re.match(r"\$\.([\w-]+)", path)
    if keys is None or first is None or first[1] in keys:
        return []
    payload = {"sqs": "body", "kinesis": "data"}.get(kind or "", "dynamodb")
    return [Problem(code="EF-PIPE-INPUT", given=given,
                    allowed=f"a record of this source has {', '.join(keys)} and no {first[1]}: it would be empty",
                    fix=f"begin with one of them, as in $.{payload}")]  # fmt: skip
