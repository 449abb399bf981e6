"""Loops."""

from .making import declared, resource


def publishing(resources, *, condition=None, by="Publishing"):
    """The function may put events on the bus that feeds it."""
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Fn::GetAtt": ["Bus", "Arn"]}}
    allowed = {"Statement": [{**statement, **({"Condition": {"StringEquals": condition}} if condition else {})}]}
    resources[by] = resource("IAM::Policy", PolicyName="p", PolicyDocument=allowed, Roles=[{"Ref": "Role"}])


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


def publishing_to_its_queue(resources):
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}}
    allowed = {"PolicyDocument": {"Statement": [statement]}, "Roles": [{"Ref": "Role"}]}
    resources["Publishing"] = resource("IAM::Policy", PolicyName="p", **allowed)


def publishing_what_comes_back_by_type(resources):
    declared(resources, policy={"detail": {"region": ["eu"]}})
    publishing(resources, condition={"events:detail-type": ["OrderSubmitted"]})


def publishing_within_limits_and_without(resources):
    publishing(resources, condition={"events:source": "elsewhere"}, by="Limited")
    publishing(resources)


def publishing_to_its_topic_past_a_filter(resources):
    resources["Function"]["Properties"]["Environment"] = {"Variables": {"TOPIC": {"Ref": "Topic"}}}


CASES = {
    "EF601": [
        (None, publishing_what_comes_back),
        (None, publishing_what_may_come_back),
        (None, publishing_what_comes_back_by_type),
    ],
    "EF602": [(None, publishing), (None, publishing_within_limits_and_without)],
    "EF603": [(None, publishing_to_its_topic), (None, publishing_to_its_queue)],
}

SOUND_TOO = {
    "EF601": [(None, publishing_something_else)],
    "EF602": [(None, lambda r: publishing(r, condition={"events:source": "elsewhere"}))],
    "EF603": [(None, publishing_to_its_topic_past_a_filter)],
}
