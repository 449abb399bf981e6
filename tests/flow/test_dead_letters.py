"""Where messages go that nobody could take: of every kind of sender, and which queues keep nothing else."""

import copy

from cdk_event_flow.flow import Flow
from cdk_event_flow.flow.dead_letters import dead_letters_of, hidden

from .findings.cases.making import DEAD, resource, schedule
from .findings.sound import SOUND


def flow_of(change=lambda resources: None):
    """The sound template, changed."""
    template = copy.deepcopy(SOUND)
    change(template["Resources"])
    return Flow.from_template(template)


def told(flow):
    """By names: what fails, which queue keeps it, when, and in which form."""
    names = {node.arn: node.path for node in flow.nodes.values()}
    return {(names[each.source], names[each.queue], each.when, each.kind) for each in dead_letters_of(flow)}


SOUND_ONES = {
    ("Rule", "Dead", "after 185 retries", "rule"),
    ("Subscription", "Dead", "when it cannot be delivered", "subscription"),
    ("Queue", "Dead", "after 5 receives", "queue"),
    ("Function", "Dead", "when an asynchronous invoke fails", "invoke"),
}


def test_every_sender_has_its_dead_letters():
    assert told(flow_of()) == SOUND_ONES


def test_schedules_and_failure_destinations_have_theirs():
    def more(resources):
        schedule(resources, DeadLetterConfig={"Arn": DEAD}, RetryPolicy={"MaximumRetryAttempts": 7})
        destination = {"OnFailure": {"Destination": DEAD}}
        named = {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST"}
        resources["Async"] = resource("Lambda::EventInvokeConfig", **named, DestinationConfig=destination)

    assert told(flow_of(more)) - SOUND_ONES == {
        ("Nightly", "Dead", "after 7 retries", "schedule"),
        ("Function", "Dead", "when an asynchronous invoke fails", "destination"),
    }


def test_a_subscription_without_filter_is_its_topic():
    def unfiltered(resources):
        for name in ("FilterPolicy", "FilterPolicyScope"):
            del resources["Subscription"]["Properties"][name]

    assert ("Topic", "Dead", "when it cannot be delivered", "subscription") in told(flow_of(unfiltered))


def test_what_has_no_dead_letters_is_not_told():
    def none(resources):
        del resources["Queue"]["Properties"]["RedrivePolicy"], resources["Subscription"]["Properties"]["RedrivePolicy"]
        del resources["Rule"]["Properties"]["Targets"][0]["DeadLetterConfig"], resources["Function"]["Properties"]["DeadLetterConfig"]
        schedule(resources)
        named = {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST"}
        resources["Async"] = resource("Lambda::EventInvokeConfig", **named, MaximumRetryAttempts=1)

    assert told(flow_of(none)) == set()


def hidden_after(change):
    flow = flow_of(change)
    return {flow.nodes[arn].path for arn in hidden(flow)}


def test_a_queue_that_keeps_nothing_but_dead_letters_is_hidden():
    assert hidden_after(lambda resources: None) == {"Dead"}


def test_a_dead_letter_queue_that_is_used_otherwise_is_not():
    def rule(r):
        r["Rule"]["Properties"]["Targets"].append({"Id": "D", "Arn": DEAD})

    def scheduled(r):
        schedule(r, Arn=DEAD)

    def subscribed(r):
        r["Twice"] = resource("SNS::Subscription", TopicArn={"Ref": "Topic"}, Protocol="sqs", Endpoint=DEAD)

    def consumed(r):
        r["Again"] = resource("Lambda::EventSourceMapping", EventSourceArn=DEAD, FunctionName={"Ref": "Function"})

    def succeeded(r):
        named = {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST"}
        destination = {"OnSuccess": {"Destination": DEAD}}
        r["Async"] = resource("Lambda::EventInvokeConfig", **named, DestinationConfig=destination)

    def piped_from(r):
        r["Pipe"] = resource("Pipes::Pipe", Source=DEAD, Target={"Ref": "Topic"}, RoleArn="arn:aws:iam::123456789012:role/p")

    def piped_to(r):
        source = {"Fn::GetAtt": ["Queue", "Arn"]}
        r["Pipe"] = resource("Pipes::Pipe", Source=source, Target=DEAD, RoleArn="arn:aws:iam::123456789012:role/p")

    for used in (rule, scheduled, subscribed, consumed, succeeded, piped_from, piped_to):
        assert hidden_after(used) == set(), used.__name__


def test_what_is_no_queue_is_not_hidden():
    def to_a_topic(resources):
        resources["Failures"] = resource("SNS::Topic")
        resources["Function"]["Properties"]["DeadLetterConfig"] = {"TargetArn": {"Ref": "Failures"}}

    assert hidden_after(to_a_topic) == {"Dead"}
