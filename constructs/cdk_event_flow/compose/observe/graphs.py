"""Which graphs each part of a flow has: few, and those that tell what to do next."""

from collections.abc import Iterator, Mapping, Sequence

from cdk_event_flow.compose.edge import seconds
from cdk_event_flow.compose.observe.body import ORANGE, RED, Graph, Metric, Names
from cdk_event_flow.compose.observe.parts import Part, Rule

Lines = Sequence[tuple[str, str, str, str | None]]  # metric, label, statistic, colour

RULES_A_GRAPH = 25
NOT_BY_RULES = {
    "FailedInvocations": "failed", "InvocationsSentToDlq": "dead letters", "InvocationsFailedToBeSentToDlq": "lost",
}.items()  # fmt: skip
BY_TOPICS = {
    "NumberOfMessagesPublished": "published", "NumberOfNotificationsDelivered": "delivered",
    "NumberOfNotificationsFilteredOut": "filtered out",
}.items()  # fmt: skip
NOT_BY_TOPICS = {
    "NumberOfNotificationsFailed": "failed", "NumberOfNotificationsRedrivenToDlq": "dead letters",
    "NumberOfNotificationsFailedToRedriveToDlq": "lost", "NumberOfNotificationsFilteredOut-InvalidMessageBody": "no JSON",
}.items()  # fmt: skip


def of_queue(part: Part, names: Names) -> list[Graph]:
    """What waits, and for how long."""
    queue = {"QueueName": names.of(part.called, f"{part.path}Queue")}
    letters = part.facts.get("letters")
    waiting = [
        *_lines("AWS/SQS", queue, [("ApproximateNumberOfMessagesVisible", "waiting", "Maximum", None),
                                   ("ApproximateNumberOfMessagesNotVisible", "worked on", "Maximum", None)]),
        *(_lines("AWS/SQS", {"QueueName": names.of(letters, f"{part.path}DeadLetters")},
                 [("ApproximateNumberOfMessagesVisible", "dead letters", "Maximum", RED)]) if letters else ()),
    ]  # fmt: skip
    promise, ages = part.facts.get("promise"), [("ApproximateAgeOfOldestMessage", "oldest", "Maximum", None)]
    if part.facts.get("fair"):
        waiting += _lines("AWS/SQS", queue, [("ApproximateNumberOfNoisyGroups", "noisy groups", "Maximum", ORANGE)])
        ages = [("ApproximateAgeOfOldestMessageInQuietGroups", "oldest of quiet groups", "Maximum", None), *ages]
    return [
        Graph(title="Messages", metrics=waiting),
        Graph(
            title="Age of the oldest message, s",
            metrics=_lines("AWS/SQS", queue, ages),
            limit=("alarm", promise) if promise else None,
        ),
    ]


def of_function(part: Part, names: Names) -> list[Graph]:
    """How often it runs and fails, for how long, and how far it is behind a stream."""
    name = names.of(part.called, f"{part.path}Function")
    alias = {"FunctionName": name, "Resource": f"{name}:{part.facts['alias']}"}
    timeout = part.facts.get("timeout")
    graphs = [
        Graph(
            title="Invocations",
            metrics=[
                *_lines("AWS/Lambda", alias, [("Invocations", "invocations", "Sum", None), ("Errors", "errors", "Sum", RED)]),
                *_lines("AWS/Lambda", {"FunctionName": name}, [("Throttles", "throttles", "Sum", ORANGE)]),
            ],
        ),
        Graph(
            title="Duration, ms",
            metrics=_lines("AWS/Lambda", alias, [("Duration", "p50", "p50", None), ("Duration", "p99", "p99", ORANGE)]),
            limit=("timeout", 1_000 * seconds(timeout)) if timeout else None,
        ),
    ]
    if any(each.kind == "stream" for each in part.fed_by):
        behind = _lines("AWS/Lambda", {"FunctionName": name}, [("IteratorAge", "behind", "Maximum", None)])
        graphs.append(Graph(title="Behind its stream, ms", metrics=behind, limit=("alarm", 900_000)))
    return graphs


def of_bus(rules: Sequence[Rule], names: Names) -> Iterator[list[Graph]]:
    """What the rules of a bus hand on, and what they could not."""
    for start in range(0, len(rules), RULES_A_GRAPH):
        handed, failed = [], []
        for rule in rules[start : start + RULES_A_GRAPH]:
            hints = {"EventBusName": f"{rule.bus}Bus", "RuleName": f"{rule.path}Rule"}
            dimensions = {key: names.of(value, hints[key]) for key, value in rule.dimensions.items()}
            label = rule.path.rpartition("/")[2]
            handed += _lines("AWS/Events", dimensions, [("Invocations", label, "Sum", None)])
            failed += _lines("AWS/Events", dimensions, [(metric, f"{label}: {said}", "Sum", None) for metric, said in NOT_BY_RULES])
        yield [Graph(title="Handed on, by rule", metrics=handed), Graph(title="Not delivered, by rule", metrics=failed)]


def of_topics(parts: Sequence[Part], names: Names) -> list[Graph]:
    """What was published and delivered, and what was not."""
    sent, not_sent = [], []
    for part in parts:
        topic, label = {"TopicName": names.of(part.called, f"{part.path}Topic")}, part.path.partition("/")[2]
        sent += _lines("AWS/SNS", topic, [(metric, f"{label}: {said}", "Sum", None) for metric, said in BY_TOPICS])
        not_sent += _lines("AWS/SNS", topic, [(metric, f"{label}: {said}", "Sum", None) for metric, said in NOT_BY_TOPICS])
    return [Graph(title="Published and delivered", metrics=sent), Graph(title="Not delivered", metrics=not_sent)]


def of_stream(part: Part, names: Names) -> list[Graph]:
    """What is written, and refused."""
    stream = {"StreamName": names.of(part.called, f"{part.path}Stream")}
    return [
        Graph(title="Records", metrics=_lines("AWS/Kinesis", stream, [("IncomingRecords", "written", "Sum", None)])),
        Graph(
            title="Refused: more than its shards take",
            metrics=_lines("AWS/Kinesis", stream, [("WriteProvisionedThroughputExceeded", "writes", "Sum", ORANGE),
                                                   ("ReadProvisionedThroughputExceeded", "reads", "Sum", RED)]),
        ),
    ]  # fmt: skip


def of_pipe(part: Part, names: Names) -> list[Graph]:
    """What it hands on, and what it could not."""
    pipe = {"PipeName": names.of(part.called, f"{part.path}Pipe")}
    return [
        Graph(
            title="Executions",
            metrics=_lines("AWS/EventBridge/Pipes", pipe, [("Invocations", "executions", "Sum", None),
                                                           ("ExecutionFailed", "failed", "Sum", RED),
                                                           ("ExecutionThrottled", "throttled", "Sum", ORANGE)]),
        ),
        Graph(title="Duration, ms",
              metrics=_lines("AWS/EventBridge/Pipes", pipe, [("Duration", "average", "Average", None)])),
    ]  # fmt: skip


def of_schedules() -> list[Graph]:
    """Scheduler counts by groups, and not by schedules."""
    group = {"ScheduleGroup": "default"}
    return [
        Graph(title="Attempts", metrics=_lines("AWS/Scheduler", group, [("InvocationAttemptCount", "attempts", "Sum", None)])),
        Graph(
            title="Not delivered",
            metrics=_lines("AWS/Scheduler", group, [("TargetErrorCount", "errors of targets", "Sum", ORANGE),
                                                    ("InvocationsSentToDeadLetterCount", "dead letters", "Sum", None),
                                                    ("InvocationsFailedToBeSentToDeadLetterCount", "lost", "Sum", RED)]),
        ),
    ]  # fmt: skip


def of_workers(part: Part, names: Names) -> list[Graph]:
    """What waits, and who works on it."""
    queue = {"QueueName": names.of(part.facts["queue"], f"{part.path}Queue")}
    service = {"ClusterName": names.of(part.facts["cluster"], f"{part.path}Cluster"),
               "ServiceName": names.of(part.called, f"{part.path}Service")}  # fmt: skip
    return [
        Graph(
            title="Messages",
            metrics=_lines("AWS/SQS", queue, [("ApproximateNumberOfMessagesVisible", "waiting", "Maximum", None),
                                              ("ApproximateNumberOfMessagesNotVisible", "worked on", "Maximum", None)]),
        ),
        Graph(
            title="Age of the oldest message, s",
            metrics=_lines("AWS/SQS", queue, [("ApproximateAgeOfOldestMessage", "oldest", "Maximum", None)]),
            limit=("alarm", part.facts["promise"]),
        ),
        Graph(title="Workers", metrics=_lines("AWS/ECS", service, [("CPUUtilization", "running", "SampleCount", None)])),
        Graph(
            title="Processor and memory, %",
            metrics=_lines("AWS/ECS", service, [("CPUUtilization", "processor", "Average", None),
                                                ("MemoryUtilization", "memory", "Average", None)]),
        ),
    ]  # fmt: skip


def of_api(part: Part, names: Names) -> list[Graph]:
    """What is asked, what is refused or fails, and how long an answer takes."""
    api = {"ApiId": names.of(part.called, f"{part.path}Api")}
    return [
        Graph(
            title="Requests",
            metrics=_lines("AWS/ApiGateway", api, [("Count", "requests", "Sum", None), ("4xx", "refused", "Sum", ORANGE),
                                                   ("5xx", "failed", "Sum", RED)]),
        ),
        Graph(
            title="Latency, ms",
            metrics=_lines("AWS/ApiGateway", api, [("Latency", "p50", "p50", None), ("Latency", "p99", "p99", ORANGE)]),
            limit=("API Gateway gives up", 30_000),
        ),
    ]  # fmt: skip


def of_dead_letters(part: Part, names: Names) -> list[Graph]:
    """What waits for somebody."""
    queue = {"QueueName": names.of(part.called, f"{part.path}{part.facts['id']}")}
    kept = _lines("AWS/SQS", queue, [("ApproximateNumberOfMessagesVisible", "kept", "Maximum", RED)])
    oldest = _lines("AWS/SQS", queue, [("ApproximateAgeOfOldestMessage", "oldest", "Maximum", None)])
    return [Graph(title="Dead letters", metrics=kept), Graph(title="Age of the oldest, s", metrics=oldest)]


def _lines(namespace: str, dimensions: Mapping[str, str], lines: Lines) -> list[Metric]:
    return [
        Metric(namespace=namespace, name=name, dimensions=dimensions, label=label, stat=statistic, color=color)
        for name, label, statistic, color in lines
    ]
