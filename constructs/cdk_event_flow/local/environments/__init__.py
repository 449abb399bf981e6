"""Functions in real execution environments: one process each, AWS's own runtime client, the real Runtime API."""

from cdk_event_flow.local.environments.environment import Live
from cdk_event_flow.local.environments.environments import Environments, Prepared
from cdk_event_flow.local.environments.interpreters import choose

__all__ = ["Environments", "Live", "Prepared", "choose"]
