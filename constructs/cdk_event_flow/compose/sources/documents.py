"""Changes of a DocumentDB database as a source."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_event_flow.compose.acknowledge import Acknowledged
from cdk_event_flow.compose.sources.polled import OF_THE_NETWORK, Polled, Right, secret_rights
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class DocumentChanges:
    """The change stream of a DocumentDB database: `cluster` is the cluster's ARN, `secret` holds a user name and password.

    `collection` limits it to one (default: all of the database); `full_document` sends the whole document with what changed.
    Change streams must be on in the cluster.
    """

    cluster: str
    database: str
    secret: secretsmanager.ISecret
    collection: str | None = None
    full_document: bool = False

    def polled(self, scope: Construct) -> Polled:
        """https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html"""
        return Polled(
            kind="documentdb",
            what="a DocumentDB database",
            id=f"From{self.database}{self.collection or ''}",
            properties={
                "event_source_arn": self.cluster,
                "document_db_event_source_config": {
                    "databaseName": self.database,
                    **({"collectionName": self.collection} if self.collection else {}),
                    **({"fullDocument": "UpdateLookup"} if self.full_document else {}),
                },
                "source_access_configurations": [{"type": "BASIC_AUTH", "uri": self.secret.secret_arn}],
            },
            rights=[
                Right(["rds:DescribeDBClusters"], [self.cluster]),
                Right(
                    ["rds:DescribeDBClusterParameters", "rds:DescribeDBSubnetGroups"],
                    _named_by_the_cluster(scope),
                    Acknowledged.NAMED_BY_THE_CLUSTER,
                ),
                *secret_rights(self.secret),
                OF_THE_NETWORK,
            ],
            instead="tries a batch until it succeeds or the change stream forgets it",
        )


def _named_by_the_cluster(scope: Construct) -> list[str]:
    """Its parameter group and subnet group: only the cluster knows their names."""
    stack = cdk.Stack.of(scope)
    return [
        stack.format_arn(service="rds", resource=kind, resource_name="*", arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME)
        for kind in ("cluster-pg", "subgrp")
    ]
