"""Faults put into a run on purpose: what is spelt with `--fault`, and how each is brought about."""

from cdk_event_flow.local.faults.injection import Faults, faults_of
from cdk_event_flow.local.faults.spelling import FaultRule, read_faults

__all__ = ["FaultRule", "Faults", "faults_of", "read_faults"]
