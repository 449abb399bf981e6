"""Where events go, read from the template: no account, no aws_cdk, no boto3."""

from cdk_event_flow.flow.contracts import Contract
from cdk_event_flow.flow.delivery import Delivery
from cdk_event_flow.flow.findings import Finding
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.sent import Sent

__all__ = ["Contract", "Delivery", "Finding", "Flow", "Sent"]
