"""Functions in real execution environments: one process each, AWS's own runtime clients, the real Runtime API."""

from cdk_event_flow.local.environments.environment import Live, Prepared
from cdk_event_flow.local.environments.environments import Environments
from cdk_event_flow.local.environments.programs import choose, program_of

__all__ = ["Environments", "Live", "Prepared", "choose", "program_of"]
