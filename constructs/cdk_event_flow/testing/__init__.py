"""For tests of apps: fixtures (a pytest plugin that comes with the package), sample events, templates that stay stable.

The fixtures are `flow`, `template`, `assembly` (of the app in cdk.json) and `synth` (of any app or stack).
"""

from cdk_event_flow.testing.samples import sample
from cdk_event_flow.testing.snapshots import stable

__all__ = ["sample", "stable"]
