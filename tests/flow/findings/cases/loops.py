"""Loops."""

from .making import declared, resource


def publishing(resources, *, condition=None):
    """The function may put events on the bus that feeds it."""
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["Bus", "Arn"]}}
    allowed = {"Statement": [{**statement, **({"Condition": {"StringEquals": condition}} if condition else {})}]}
    resources["Publishing"] = resource("IAM::Policy", PolicyName="p", PolicyDocument=allowed, Roles=[{"Ref": "Role"}])


def publishing_what_comes_back(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_what_may_come_back(resources):
    declared(resources, policy={"detail": {"region": ["us"], "total": [{"numeric": [">", 100]}]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["OrderSubmitted"]})


def publishing_something_else(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:source": "shop", "events:detail-type": ["PackingFailed"]})


def publishing_to_its_topic(resources):
    del resources["Subscription"]["Properties"]["FilterPolicy"]
    del resources["Subscription"]["Properties"]["FilterPolicyScope"]
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"TOPIC": {"Ref": "Topic"}}}


CASES = {
    "EF601": [(None, publishing_what_comes_back), (None, publishing_what_may_come_back)],
    "EF602": [(None, publishing)],
    "EF603": [(None, publishing_to_its_topic)],
}

SOUND_TOO = {
    "EF601": [(None, publishing_something_else)],
}
