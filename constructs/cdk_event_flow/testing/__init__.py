"""For tests of apps: fixtures (a pytest plugin that comes with the package), tables of who gets what, sample events, and
templates that stay stable.

The fixtures are `flow`, `template`, `assembly` (of the app in cdk.json), `synth` (of any app or stack) and `local_run` (the app's
own handlers, run here: `local_run.Run`).
"""

from cdk_event_flow.testing.samples import sample
from cdk_event_flow.testing.snapshots import stable
from cdk_event_flow.testing.who_gets_what import who_gets_what

__all__ = ["sample", "stable", "who_gets_what"]
