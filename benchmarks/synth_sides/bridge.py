"""How often Python and the CDK's Node process call each other."""

from collections import Counter
from contextlib import contextmanager

from jsii._kernel.providers.process import ProcessProvider

CALLS = ("create", "invoke", "sinvoke", "get", "set", "sget", "sset", "complete", "sync_complete")


@contextmanager
def counted():
    """Counts every request, answers to callbacks among them, by its kind."""
    counts = Counter()

    def counting(name, call):
        def counted_call(*args, **kwargs):
            counts[name] += 1
            return call(*args, **kwargs)

        return counted_call

    calls = {name: getattr(ProcessProvider, name) for name in CALLS}
    for name, call in calls.items():
        setattr(ProcessProvider, name, counting(name, call))
    try:
        yield counts
    finally:
        for name, call in calls.items():
            setattr(ProcessProvider, name, call)
