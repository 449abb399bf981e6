"""The account's policies on its log groups."""

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import ResourcePolicy
from cdk_event_flow.flow.readers.resource import Resource, as_document


def policy(resource: Resource) -> ResourcePolicy:
    """A policy on all log groups of the account; its statements say which."""
    resolver = resource.resolver
    return ResourcePolicy(
        **resource.identity(),
        resources=(arn_of("logs", "*", resolver.region, resolver.account),),
        document=as_document(resource.properties.get("PolicyDocument")),
    )
