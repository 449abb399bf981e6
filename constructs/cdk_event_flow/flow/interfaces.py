"""Elastic network interfaces: which functions share one, what else has some, and how many addresses are left.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cdk_event_flow.flow.graph import Flow
from cdk_event_flow.flow.model import Function, Other, Unknown, Version
from cdk_event_flow.flow.readers.resource import several, whole
from cdk_event_flow.flow.workers import Workers

PER_NETWORK = 250  # that Lambda makes, by default: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
RESERVED_ADDRESSES = 5  # of each subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
DEPLOYING = 2  # times as many tasks as usual may run while a deployment replaces them


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """The one interface that Lambda makes for a set of security groups in a subnet.

    `functions` are the paths of those that share it, each with how many published versions of it the template keeps besides
    the newest code: they share it too, and hold it for as long as they are kept.
    """

    groups: tuple[str, ...]
    functions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subnet:
    """A subnet by its path, or its id where it stands elsewhere; `network` likewise.

    `shared` are the interfaces of functions, `endpoints` the services with an interface here, `tasks` the workers of each
    fleet that there may be here at most, while they are replaced. `addresses` can be given in it: None where nobody can tell.
    """

    path: str
    network: str
    addresses: int | None
    shared: tuple[Shared, ...] = ()
    endpoints: tuple[str, ...] = ()
    tasks: tuple[tuple[str, int], ...] = ()

    @property
    def interfaces(self) -> int:
        """All that need an address."""
        return len(self.shared) + len(self.endpoints) + sum(number for _, number in self.tasks)

    @property
    def left(self) -> int | None:
        """Addresses that remain."""
        return None if self.addresses is None else self.addresses - self.interfaces


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """The subnets of a flow, and what cannot be told, in sentences. `of_functions` counts Lambda's interfaces by network."""

    subnets: tuple[Subnet, ...]
    unknown: tuple[str, ...] = ()
    of_functions: dict[str, int] = field(default_factory=dict)


def interfaces(flow: Flow) -> Budget:
    """All network interfaces that the flow needs."""
    nodes = {node.name: node for node in flow.of(Other) if node.type == "AWS::EC2::Subnet"}
    networks = {node.name: node for node in flow.of(Other) if node.type == "AWS::EC2::VPC"}
    named = {node.name: node.path for node in flow.of(Other) if node.type == "AWS::EC2::SecurityGroup"}
    kept = Counter(version.function_arn for version in flow.of(Version))
    shared: dict[str, dict[frozenset[str], list[tuple[str, int]]]] = {}
    endpoints: dict[str, list[str]] = {}
    tasks: dict[str, list[tuple[str, int]]] = {}
    unknown = []
    for function in flow.of(Function):
        groups, doubt = _placed(function)
        if doubt:
            unknown.append(f"{function.path}: {doubt}")
        for subnet in function.subnets if groups else ():
            shared.setdefault(subnet, {}).setdefault(groups, []).append((function.path, kept[function.arn]))
    for workers in flow.of(Workers):
        most = workers.scales.most if workers.scales else whole(workers.properties.get("DesiredCount"), 1)
        for subnet in workers.subnets:
            tasks.setdefault(subnet, []).append((workers.path, -(-most * DEPLOYING // len(workers.subnets))))
    for subnet, service in _of_endpoints(flow):
        endpoints.setdefault(subnet, []).append(service)
    found = []
    for name in dict.fromkeys([*shared, *endpoints, *tasks]):
        node = nodes.get(name)
        vpc = str(node.properties.get("VpcId")) if node else ""
        found.append(
            Subnet(
                path=node.path if node else name,
                network=networks[vpc].path if vpc in networks else vpc or "a network of elsewhere",
                addresses=addresses_of(node) if node else None,
                shared=tuple(
                    Shared(
                        groups=tuple(sorted(named.get(each, each) for each in groups)),
                        functions=tuple(sorted(functions)),
                    )
                    for groups, functions in shared.get(name, {}).items()
                ),
                endpoints=tuple(sorted(endpoints.get(name, ()))),
                tasks=tuple(sorted(tasks.get(name, ()))),
            )
        )
    of_functions = Counter[str]()
    for each in found:
        of_functions[each.network] += len(each.shared)
    return Budget(subnets=tuple(sorted(found, key=lambda each: each.path)), unknown=tuple(unknown), of_functions=dict(of_functions))


def addresses_of(subnet: Other) -> int | None:
    """How many addresses of a subnet can be given; None where nobody can tell."""
    try:
        return ipaddress.IPv4Network(str(subnet.properties.get("CidrBlock"))).num_addresses - RESERVED_ADDRESSES
    except ValueError:
        return None


def _placed(function: Function) -> tuple[frozenset[str], str]:
    """The security groups of a function in a network, or why they are not known; neither for one that is in none."""
    if not function.in_network:
        return frozenset(), ""
    doubts = [each for each in function.security_groups if isinstance(each, Unknown)]
    if doubts or not function.subnets or any(each.startswith("unknown (") for each in function.subnets):
        return frozenset(), f"its network is not known ({doubts[0].reason if doubts else 'its subnets are not in the template'})"
    return frozenset(str(each) for each in function.security_groups), ""


def _of_endpoints(flow: Flow) -> Iterator[tuple[str, str]]:
    for node in flow.of(Other):
        if node.type == "AWS::EC2::VPCEndpoint":
            for subnet in several(node.properties.get("SubnetIds")):
                yield str(subnet), str(node.properties.get("ServiceName")).partition("amazonaws.")[2].partition(".")[2]
