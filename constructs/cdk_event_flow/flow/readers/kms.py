"""Keys that encrypt queues and topics, and their aliases."""

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import Key, KeyAlias, Unknown
from cdk_event_flow.flow.readers.resource import Resource, as_document

# Without a policy, KMS gives a key this one: the account decides by its IAM policies, and no service may use the key.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
_DEFAULT = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}


def key(resource: Resource) -> Key:
    """A key with its policy, or the one that KMS gives it."""
    given = resource.properties.get("KeyPolicy")
    root = arn_of("iam", "root", resource.resolver.region, resource.resolver.account)
    default = {"Statement": [{**_DEFAULT, "Principal": {"AWS": root}}]}
    return Key(**resource.identity(), policy=default if given is None else as_document(given))


def alias(resource: Resource) -> KeyAlias:
    """An alias and the key it stands for."""
    return KeyAlias(**resource.identity(), key=resource.maybe("TargetKeyId") or Unknown("the alias names no key"))
