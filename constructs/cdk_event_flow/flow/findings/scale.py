"""EF8xx: what works while it is small: templates against CloudFormation's limits, network interfaces of functions."""

from collections import defaultdict
from collections.abc import Iterator

from cdk_event_flow.flow.findings.kinds import Found, finds
from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.interfaces import PER_NETWORK, interfaces
from cdk_event_flow.flow.model import Function, Other, Template
from cdk_event_flow.flow.permissions.security_groups import SecurityGroups

CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
INTERFACES = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"
LAMBDA_QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
SUBNETS = "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"

RESOURCES = 500
OUTPUTS = 200
PARAMETERS = 200
TEMPLATE_BYTES = 1_048_576
NEAR = 0.9
WORTH_SAVING = 10  # network interfaces; fewer cost nothing that anybody notices


@finds(
    "EF801",
    "error",
    "Template larger than CloudFormation takes",
    why="A stack takes 500 resources, 200 outputs and 200 parameters in a template of 1 MB; the deployment fails",
    docs=CLOUDFORMATION,
)
def templates_too_large(flow: Flow) -> Iterator[Found]:
    """Templates over a limit."""
    for template in flow.templates:
        for what, number, limit in _measured(template):
            if number > limit:
                yield Found(template, f"The template has {number:,} {what}.", "Move a part of it to a stack of its own.")


@finds(
    "EF802",
    "warning",
    "Template nearly as large as CloudFormation takes",
    why="A stack takes 500 resources, 200 outputs and 200 parameters in a template of 1 MB, and to split one that is deployed is"
    " much work",
    docs=CLOUDFORMATION,
)
def templates_nearly_too_large(flow: Flow) -> Iterator[Found]:
    """Templates that have used nine tenths of a limit."""
    for template in flow.templates:
        for what, number, limit in _measured(template):
            if NEAR * limit <= number <= limit:
                yield Found(template, f"The template has {number:,} of {limit:,} {what}.", "Put what comes next into another stack.")


def _measured(template: Template) -> Iterator[tuple[str, int, int]]:
    yield "resources", template.resources, RESOURCES
    yield "outputs", template.outputs, OUTPUTS
    yield "parameters", template.parameters, PARAMETERS
    yield "bytes", template.size, TEMPLATE_BYTES


@finds(
    "EF803",
    "warning",
    "Security groups that only multiply network interfaces",
    why="Lambda makes a network interface for each set of security groups in each subnet, and a network takes 250 of them by"
    " default; a deployment waits for each",
    docs=INTERFACES,
)
def security_groups_that_multiply(flow: Flow) -> Iterator[Found]:
    """Functions of the same subnets whose sets of security groups say the same, where ten interfaces or more could be saved."""
    groups = SecurityGroups(flow)
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[frozenset[str], Function]] = defaultdict(dict)
    for function in flow.of(Function):
        named = frozenset(map(str, function.security_groups))
        rules = tuple(sorted(map(groups.says, named)))
        if "" not in rules and not any(each.startswith("unknown (") for each in function.subnets):
            alike[tuple(sorted(function.subnets)), rules].setdefault(named, function)
    for (subnets, _), sets in alike.items():
        saved = (len(sets) - 1) * len(subnets)
        if saved >= WORTH_SAVING:
            what = f"{len(sets)} sets of security groups with the same rules make {saved} network interfaces too many."
            yield Found(next(iter(sets.values())), what, "Give the functions of these subnets one security group together.")


@finds(
    "EF804",
    "error",
    "More network interfaces than a subnet has addresses",
    why="AWS keeps five addresses of each subnet; functions that get none are not deployed, or not invoked",
    docs=SUBNETS,
)
def subnets_too_small(flow: Flow) -> Iterator[Found]:
    """Subnets of functions, interface endpoints and workers; these twice, for a deployment replaces them."""
    nodes = {node.path: node for node in flow.of(Other)}
    for subnet in interfaces(flow).subnets:
        if subnet.left is not None and subnet.left < 0:
            what = f"{subnet.interfaces} network interfaces, and {subnet.addresses} addresses."
            yield Found(nodes[subnet.path], what, "Make the subnet larger, or give its functions one security group together.")


@finds(
    "EF805",
    "warning",
    "More network interfaces than a network takes by default",
    why="Lambda makes up to 250 network interfaces in a network by default, one for each set of security groups in each subnet",
    docs=LAMBDA_QUOTAS,
)
def networks_too_small(flow: Flow) -> Iterator[Found]:
    """Networks of many functions with security groups of their own."""
    nodes = {node.path: node for node in flow.of(Other)}
    for network, count in interfaces(flow).of_functions.items():
        if count > PER_NETWORK and network in nodes:
            fix = "Give functions of the same subnets one security group together, or ask for a higher quota."
            yield Found(nodes[network], f"Its functions need {count} network interfaces.", fix)
