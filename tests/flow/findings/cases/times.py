"""Times that do not fit."""

from .making import UNKNOWN, fifo, resource


def fifo_batch(resources):
    fifo(resources, "Queue", "Topic", "Dead")
    del resources["Rule"], resources["Function"]["Properties"]["DeadLetterConfig"]
    resources["Mapping"]["Properties"]["BatchSize"] = 11


def async_config(resources, retries=2, age=180):
    resources["Async"] = resource(
        "Lambda::EventInvokeConfig",
        FunctionName={"Ref": "Function"},
        Qualifier="$LATEST",
        MaximumRetryAttempts=retries,
        MaximumEventAgeInSeconds=age,
    )


def concurrency(resources, *, mapping, reserved):
    resources["Mapping"]["Properties"]["ScalingConfig"] = {"MaximumConcurrency": mapping}
    resources["Function"]["Properties"]["ReservedConcurrentExecutions"] = reserved


def consumed(queue=None, function=None, mapping=None):
    """The queue, its function and its mapping with other properties."""

    def change(resources):
        for id, properties in (("Queue", queue), ("Function", function), ("Mapping", mapping)):
            resources[id]["Properties"].update(properties or {})

    return (None, change)


WINDOW = "MaximumBatchingWindowInSeconds"

CASES = {
    "EF301": [
        ("Queue", lambda p: p.update(VisibilityTimeout=5)),
        consumed({"VisibilityTimeout": 5, "FifoQueue": UNKNOWN}, {"ReservedConcurrentExecutions": UNKNOWN}, {WINDOW: UNKNOWN}),
    ],
    "EF302": [
        ("Queue", lambda p: p.update(VisibilityTimeout=59)),
        ("Queue", lambda p: p.update(VisibilityTimeout=10)),
        consumed(mapping={WINDOW: 5}),
    ],
    "EF303": [("Queue", lambda p: p.update(MessageRetentionPeriod=299))],
    "EF304": [("Mapping", lambda p: p.update(BatchSize=11))],
    "EF305": [(None, fifo_batch)],
    "EF306": [
        ("Function", lambda p: p.update(ReservedConcurrentExecutions=4)),
        (None, lambda r: concurrency(r, mapping=21, reserved=20)),
        ("Function", lambda p: p.update(ReservedConcurrentExecutions=1)),
    ],
    "EF307": [("Function", lambda p: p.update(ReservedConcurrentExecutions=0))],
    "EF308": [(None, async_config), (None, lambda r: async_config(r, retries=1, age=60))],
}

SOUND_TOO = {
    "EF301": [
        consumed({"VisibilityTimeout": UNKNOWN}, {"Timeout": 31}),
        consumed({"VisibilityTimeout": 2}, {"Timeout": UNKNOWN}),
    ],
    "EF302": [
        consumed({"VisibilityTimeout": UNKNOWN}),
        consumed({"VisibilityTimeout": 10}, {"Timeout": UNKNOWN}),
        consumed({"VisibilityTimeout": 59}, mapping={WINDOW: UNKNOWN}),
        consumed({"VisibilityTimeout": 65}, mapping={WINDOW: 5}),
        (None, lambda r: r["Mapping"]["Properties"].update(FunctionName="elsewhere")),
    ],
    "EF303": [
        ("Queue", lambda p: p.update(MessageRetentionPeriod=300)),
        ("Queue", lambda p: p.update(VisibilityTimeout=UNKNOWN, MessageRetentionPeriod=149)),
        (
            "Queue",
            lambda p: (
                p.update(VisibilityTimeout=43_200, MessageRetentionPeriod=UNKNOWN) or p["RedrivePolicy"].update(maxReceiveCount=9)
            ),
        ),
        (None, lambda r: r.update(Unread=resource("SQS::Queue", VisibilityTimeout=120, MessageRetentionPeriod=60))),
    ],
    "EF304": [
        ("Mapping", lambda p: p.update(BatchSize=11, MaximumBatchingWindowInSeconds=0) or p.update(BatchSize=10)),
        consumed({"VisibilityTimeout": 61}, mapping={"BatchSize": 11, WINDOW: 1}),
        consumed({"FifoQueue": UNKNOWN}, mapping={"BatchSize": 11}),
        consumed(mapping={"BatchSize": 11, WINDOW: UNKNOWN}),
    ],
    "EF306": [
        (None, lambda r: concurrency(r, mapping=20, reserved=20)),
        ("Function", lambda p: p.update(ReservedConcurrentExecutions=5)),
        consumed(function={"ReservedConcurrentExecutions": 4}, mapping={"ScalingConfig": UNKNOWN}),
    ],
    "EF307": [("Function", lambda p: p.update(ReservedConcurrentExecutions=UNKNOWN))],
    "EF308": [
        (None, lambda r: async_config(r, age=181)),
        (None, lambda r: async_config(r, retries=1, age=61)),
        (None, lambda r: async_config(r, retries=UNKNOWN, age=100)),
    ],
}
