"""Saved queries of CloudWatch Logs Insights over all functions and workers of a stack: one id through all of them, what failed,
and how long things took.

They read what Lambda's JSON logs and Powertools write. Saving them costs nothing; running them costs by what is read.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData.html
"""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_logs as logs

from cdk_event_flow.compose.observe.parts import Composed

MAX_GROUPS = 50  # of a query: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
PARAMETER = "id"

_WHO = "coalesce(service, function_name, @log) as who"
# By the construct's id: what it is called in the stack's folder, and what it asks.
QUERIES = {
    "TraceQuery": (
        "Trace one id",
        f"fields @timestamp, {_WHO}, level, coalesce(message, errorMessage, type) as said, coalesce(function_request_id, "
        "record.requestId) as request, xray_trace_id\n"
        '| filter @message like "{{id}}"\n'
        "| sort @timestamp asc\n"
        "| limit 1000",
    ),
    "ErrorsQuery": (
        "Errors",
        f"fields @timestamp, {_WHO}, coalesce(errorMessage, exception, message, record.status) as said, "
        "coalesce(function_request_id, record.requestId) as request\n"
        '| filter level in ["ERROR", "CRITICAL", "FATAL"] or (type = "platform.report" and record.status != "success")\n'
        "| sort @timestamp desc\n"
        "| limit 200",
    ),
    "DurationsQuery": (
        "Durations and cold starts",
        'filter type = "platform.report"\n'
        "| stats count(*) as invocations, pct(record.metrics.durationMs, 50) as p50, pct(record.metrics.durationMs, 99) as p99, "
        "max(record.metrics.durationMs) as longest, count(record.metrics.initDurationMs) as coldStarts, "
        "max(record.metrics.initDurationMs) as longestInit, max(record.metrics.maxMemoryUsedMB) as memoryMB by @log\n"
        "| sort p99 desc",
    ),
}


def prepare(found: Composed, group_arn: str) -> None:
    """Let the stack's queries read a log group too; over fifty groups they come a second time."""
    if group_arn in found.log_groups:
        return
    if len(found.log_groups) % MAX_GROUPS == 0:
        number = len(found.log_groups) // MAX_GROUPS + 1
        found.queries.append([_make(found.stack, id, number) for id in QUERIES])
    found.log_groups.append(group_arn)


def write(found: Composed) -> None:
    """Name the log groups, when all is composed."""
    for number, queries in enumerate(found.queries):
        names: Any = [_name_in(each) for each in found.log_groups[number * MAX_GROUPS : (number + 1) * MAX_GROUPS]]
        for query in queries:
            query.add_property_override("LogGroupNames", names)


def _make(stack: cdk.Stack, id: str, number: int) -> logs.CfnQueryDefinition:
    title, asked = QUERIES[id]
    parameter = {"name": PARAMETER, "description": "An order's id, a request's id, a trace's id: what stands in the lines."}
    return logs.CfnQueryDefinition(
        stack,
        f"{id}{number if number > 1 else ''}",
        name=f"{cdk.Aws.STACK_NAME}/{title}{f' ({number})' if number > 1 else ''}",
        query_string=asked,
        parameters=[parameter] if f"{{{{{PARAMETER}}}}}" in asked else None,
    )


def _name_in(group_arn: str) -> dict[str, Any]:
    """The ARN of a log group ends with its name and `:*`."""
    return {"Fn::Select": [6, {"Fn::Split": [":", group_arn]}]}
