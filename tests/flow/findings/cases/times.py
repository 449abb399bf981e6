"""Times that do not fit."""

from .making import fifo, resource


def fifo_batch(resources):
    fifo(resources, "Queue", "Topic", "Dead")
    del resources["Rule"], resources["Function"]["Properties"]["DeadLetterConfig"]
    resources["Mapping"]["Properties"]["BatchSize"] = 11


def async_config(resources):
    resources["Async"] = resource(
        "Lambda::EventInvokeConfig",
        FunctionName={"Ref": "Function"},
        Qualifier="$LATEST",
        MaximumRetryAttempts=2,
        MaximumEventAgeInSeconds=180,
    )


def concurrency(resources, *, mapping, reserved):
    resources["Mapping"]["Properties"]["ScalingConfig"] = {"MaximumConcurrency": mapping}
    resources["Function"]["Properties"]["ReservedConcurrentExecutions"] = reserved


CASES = {
    "EF301": [("Queue", lambda p: p.update(VisibilityTimeout=5))],
    "EF302": [("Queue", lambda p: p.update(VisibilityTimeout=59))],
    "EF303": [("Queue", lambda p: p.update(MessageRetentionPeriod=299))],
    "EF304": [("Mapping", lambda p: p.update(BatchSize=11))],
    "EF305": [(None, fifo_batch)],
    "EF306": [
        ("Function", lambda p: p.update(ReservedConcurrentExecutions=4)),
        (None, lambda r: concurrency(r, mapping=21, reserved=20)),
    ],
    "EF307": [("Function", lambda p: p.update(ReservedConcurrentExecutions=0))],
    "EF308": [(None, async_config)],
}

SOUND_TOO = {
    "EF303": [("Queue", lambda p: p.update(MessageRetentionPeriod=300))],
    "EF304": [("Mapping", lambda p: p.update(BatchSize=11, MaximumBatchingWindowInSeconds=0) or p.update(BatchSize=10))],
    "EF306": [(None, lambda r: concurrency(r, mapping=20, reserved=20))],
    "EF308": [(None, lambda r: async_config(r) or r["Async"]["Properties"].update(MaximumEventAgeInSeconds=181))],
}
