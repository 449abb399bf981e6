"""EF4xx: what the services do not take, or not that many of."""

import json
from collections import Counter
from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Alias, Bus, EventSourceMapping, Function, Queue, Rule, Schedule, Subscription, Topic

ASYNC_DLQ = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"
EVENTBRIDGE_QUOTAS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
EVENTBRIDGE_SQS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html"
SNS_FIFO = "https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html"
SNS_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/sns.html"
LAMBDA_FILTERS = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"
LAMBDA_QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
TARGETS_PER_RULE = 5
RULES_PER_BUS = 300
PATTERN_CHARACTERS = 2_048
PATTERN_CHARACTERS_BY_QUOTA = 4_096
FILTERS_PER_MAPPING = 5
FILTERS_PER_MAPPING_BY_QUOTA = 10
ENVIRONMENT_BYTES = 4_096
FILTER_POLICIES_PER_TOPIC = 200
POLICY_BYTES = 20_480


@finds(
    "EF401",
    "error",
    "FIFO dead letters of a function",
    why="Lambda takes standard queues and topics only, and refuses this at deployment",
    docs=ASYNC_DLQ,
)
def fifo_dead_letters_of_functions(flow: Flow) -> Iterator[Found]:
    """Functions whose failed asynchronous events would go to a FIFO queue or topic."""
    for function in flow.of(Function):
        target = flow.nodes.get(function.dead_letter_arn or "")
        if isinstance(target, Queue | Topic) and target.fifo:
            yield Found(function, "The function's dead-letter target is FIFO.", "Use a standard queue.")


@finds("EF402", "error", "More than five targets", why="A rule takes five; the deployment would fail", docs=EVENTBRIDGE_QUOTAS)
def too_many_targets(flow: Flow) -> Iterator[Found]:
    """Rules with too many targets."""
    for rule in flow.of(Rule):
        if len(rule.targets) > TARGETS_PER_RULE:
            yield Found(rule, f"The rule has {len(rule.targets)} targets.", "Spread them over several rules with the same pattern.")


@finds(
    "EF403",
    "warning",
    "Pattern over the default quota",
    why="EventBridge takes 2,048 characters, and 4,096 only where the account's quota was raised",
    docs=EVENTBRIDGE_QUOTAS,
)
def long_patterns(flow: Flow) -> Iterator[Found]:
    """Rules whose pattern is long."""
    for rule in flow.of(Rule):
        size = len(json.dumps(rule.pattern, separators=(",", ":")))
        if PATTERN_CHARACTERS < size <= PATTERN_CHARACTERS_BY_QUOTA:
            yield Found(rule, f"The pattern has {size} characters.", "Shorten it by prefix or wildcard, or ask for a higher quota.")


@finds("EF404", "warning", "More rules than a bus takes by default", why="A bus takes 300 rules by default", docs=EVENTBRIDGE_QUOTAS)
def too_many_rules(flow: Flow) -> Iterator[Found]:
    """Buses with many rules."""
    count = Counter(rule.bus_arn for rule in flow.of(Rule))
    for bus in flow.of(Bus):
        if count[bus.arn] > RULES_PER_BUS:
            yield Found(bus, f"The bus has {count[bus.arn]} rules.", "Spread them over several buses, or ask for a higher quota.")


@finds(
    "EF405",
    "error",
    "FIFO topic with another subscriber than a queue",
    why="FIFO topics deliver to SQS queues only, and SNS refuses this at deployment",
    docs=SNS_FIFO,
)
def fifo_topics_without_queue(flow: Flow) -> Iterator[Found]:
    """Subscriptions of FIFO topics."""
    for subscription in flow.of(Subscription):
        topic = flow.nodes.get(subscription.topic_arn)
        if isinstance(topic, Topic) and topic.fifo and subscription.protocol != "sqs":
            yield Found(
                subscription,
                f"The topic is FIFO, the subscription's protocol {subscription.protocol}.",
                "Put a queue between the topic and the consumer.",
            )


@finds(
    "EF406",
    "error",
    "Standard topic to a FIFO queue",
    why="A standard topic cannot deliver to a FIFO queue, and SNS refuses this at deployment",
    docs=SNS_FIFO,
)
def standard_topics_to_fifo_queues(flow: Flow) -> Iterator[Found]:
    """Subscriptions of standard topics."""
    for subscription in flow.of(Subscription):
        topic, queue = flow.nodes.get(subscription.topic_arn), flow.nodes.get(subscription.endpoint)
        if isinstance(topic, Topic) and not topic.fifo and isinstance(queue, Queue) and queue.fifo:
            yield Found(subscription, "The topic is standard, the queue FIFO.", "Use a FIFO topic, or a standard queue.")


@finds(
    "EF407",
    "warning",
    "More filters than a mapping takes by default",
    why="A mapping takes five filters by default, and ten where the account's quota was raised",
    docs=LAMBDA_FILTERS,
)
def too_many_filters(flow: Flow) -> Iterator[Found]:
    """Event source mappings."""
    for mapping in flow.of(EventSourceMapping):
        if FILTERS_PER_MAPPING < len(mapping.filters) <= FILTERS_PER_MAPPING_BY_QUOTA:
            yield Found(mapping, f"The mapping has {len(mapping.filters)} filters.", "Join filters by listing values in one pattern.")


@finds(
    "EF408",
    "error",
    "Environment over 4 KB",
    why="The variables of a function take 4 KB in all; the deployment would fail",
    docs=LAMBDA_QUOTAS,
)
def large_environments(flow: Flow) -> Iterator[Found]:
    """Functions with large environments."""
    for function in flow.of(Function):
        size = sum(len(name.encode()) + len(value.encode()) for name, value in function.environment.items())
        if size > ENVIRONMENT_BYTES:
            yield Found(
                function, f"The environment has {size} bytes.", "Move what is large to Parameter Store, or into the function's code."
            )


@finds(
    "EF409",
    "warning",
    "More filter policies than a topic takes by default",
    why="A topic takes 200 filter policies by default",
    docs=SNS_QUOTAS,
)
def too_many_filter_policies(flow: Flow) -> Iterator[Found]:
    """Topics with many filtered subscriptions."""
    count = Counter(subscription.topic_arn for subscription in flow.of(Subscription) if subscription.filter_policy)
    for topic in flow.of(Topic):
        if count[topic.arn] > FILTER_POLICIES_PER_TOPIC:
            yield Found(topic, f"{count[topic.arn]} subscriptions have filter policies.", "Spread them over several topics.")


@finds(
    "EF410",
    "error",
    "FIFO target that EventBridge cannot send to",
    why="EventBridge gives a queue the message group of the target, a topic none, and neither a deduplication id; every event fails",
    docs=EVENTBRIDGE_SQS,
)
def fifo_targets_that_take_nothing(flow: Flow) -> Iterator[Found]:
    """Targets of rules and schedules."""
    holders = [(rule, target) for rule in flow.of(Rule) for target in rule.targets]
    for node, target in [*holders, *((schedule, schedule.target) for schedule in flow.of(Schedule))]:
        receiver = flow.nodes.get(target.arn)
        if isinstance(receiver, Topic) and receiver.fifo:
            yield Found(node, f"The target {target.id} is a FIFO topic.", "Use a standard topic, or a FIFO queue.")
        elif not isinstance(receiver, Queue) or not receiver.fifo:
            continue
        elif not target.message_group_id:
            yield Found(node, f"The target {target.id} is a FIFO queue.", "Set SqsParameters.MessageGroupId for the target.")
        elif not receiver.content_deduplication and receiver.tells("ContentBasedDeduplication"):
            what = f"The target {target.id} is a FIFO queue without content-based deduplication."
            yield Found(node, what, "Set ContentBasedDeduplication for the queue.")


@finds(
    "EF411",
    "error",
    "Function policy over 20 KB",
    why="Each permission adds a statement to the policy of the function or alias, which takes 20,480 bytes; the deployment fails",
    docs=LAMBDA_QUOTAS,
)
def large_function_policies(flow: Flow) -> Iterator[Found]:
    """Functions and aliases with many permissions. What Lambda adds, a statement's own id, is not counted."""
    for node in (*flow.of(Function), *flow.of(Alias)):
        found = [each.body for each in flow.policies.on(node.arn)]
        size = sum(len(json.dumps(each, separators=(",", ":"), default=str)) for each in found)
        if size > POLICY_BYTES:
            what = f"Its policy has {len(found)} statements of {size:,} bytes."
            yield Found(node, what, "Permit a whole service by one permission, with a pattern of ARNs or the account as its source.")
