"""DynamoDB tables."""

from cdk_event_flow.flow.model import Table
from cdk_event_flow.flow.readers.resource import Resource


def table(resource: Resource) -> Table:
    """A table or global table, with its properties as CloudFormation has them."""
    return Table(**resource.identity(), properties=resource.properties)
