"""Security groups: whether what stands in some of them may open HTTPS to what stands in others.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cdk_event_flow.flow.model import Other, Unknown
from cdk_event_flow.flow.permissions.truth import Truth, every, some
from cdk_event_flow.flow.readers.resource import as_list, as_mapping

if TYPE_CHECKING:
    from cdk_event_flow.flow.graph import Flow

Block = ipaddress.IPv4Network
HTTPS = 443
_SAYS_NOTHING = ("Description", "GroupId", "GroupName")
_WAYS = {"Ingress": "Source", "Egress": "Destination"}
# Where the public addresses of AWS's services may be.
WORLD = ipaddress.IPv4Network("0.0.0.0/0")


class SecurityGroups:
    """The groups of a flow with their rules, those of the group itself and those that stand by themselves."""

    def __init__(self, flow: "Flow") -> None:
        others = flow.of(Other)
        self._groups = {node.name: node for node in others if node.type == "AWS::EC2::SecurityGroup"}
        self._named = {
            str(rule.get(f"{end}SecurityGroupId"))
            for node in others
            for rule in (node.properties, *_inside(node))
            if isinstance(rule, Mapping)
            for end in _WAYS.values()
        }
        self._apart = {way: [node for node in others if node.type == f"AWS::EC2::SecurityGroup{way}"] for way in _WAYS}

    def lets_out(self, groups: Sequence[str | Unknown], to_groups: Sequence[str | Unknown], to: Sequence[Block | Unknown]) -> Truth:
        """Whether one of the groups lets HTTPS out to all of these blocks, or to one of `to_groups`."""
        return self._lets(groups, "Egress", to_groups, to)

    def lets_in(self, groups: Sequence[str | Unknown], of: Sequence[str | Unknown], blocks: Sequence[Block | Unknown]) -> Truth:
        """Whether one of the groups admits HTTPS from all of these blocks, or from one of the groups `of`."""
        return self._lets(groups, "Ingress", of, blocks)

    def says(self, group: str) -> str:
        """The rules of a group as a text, equal for groups that say the same.

        Empty where nobody can tell, or where a rule names the group itself: another one could not stand for it.
        """
        rules = [(way, rule) for way in _WAYS for rule in self._rules(group, way)]
        if group in self._named or any(isinstance(rule, Unknown) for _, rule in rules):
            return ""
        written = [(way, {key: str(each) for key, each in rule.items() if key not in _SAYS_NOTHING}) for way, rule in rules
                   if isinstance(rule, Mapping)]  # fmt: skip
        return json.dumps(sorted(written, key=str), sort_keys=True)

    def _lets(
        self, groups: Sequence[str | Unknown], way: str,
        others: Sequence[str | Unknown], blocks: Sequence[Block | Unknown],
    ) -> Truth:  # fmt: skip
        if not groups:
            return Unknown("without a security group it stands in the network's default one")
        rules = (rule for group in groups for rule in self._rules(group, way))
        return some(
            rule if isinstance(rule, Truth) else every((_on_https(rule), _leads(rule, _WAYS[way], others, blocks))) for rule in rules
        )

    def _rules(self, group: str | Unknown, way: str) -> "Iterator[Mapping[str, Any] | Truth]":
        """The rules of a group; true for one that lets all through, unknown for what nobody can tell."""
        node = self._groups.get(str(group))
        if node is None:
            yield group if isinstance(group, Unknown) else Unknown(f"the security group {group} is outside the template")
            return
        inside = node.properties.get(f"SecurityGroup{way}")
        if isinstance(inside, Unknown):
            yield inside
        # Only rules within the group take the place of the one that lets everything out.
        elif not as_list(inside) and way == "Egress":
            yield True
        else:
            yield from (each if isinstance(each, Unknown) else as_mapping(each) for each in as_list(inside))
        for rule in self._apart[way]:
            named = rule.properties.get("GroupId", rule.properties.get("GroupName"))
            if isinstance(named, Unknown) or named == group:
                yield named if isinstance(named, Unknown) else rule.properties


def _inside(group: Other) -> Iterator[Any]:
    """The rules that stand in a group."""
    for way in _WAYS:
        yield from as_list(group.properties.get(f"SecurityGroup{way}"))


def _on_https(rule: Mapping[str, Any]) -> Truth:
    protocol = rule.get("IpProtocol", "-1")
    ends = (rule.get("FromPort", HTTPS), rule.get("ToPort", HTTPS))
    for each in (protocol, *ends):
        if isinstance(each, Unknown):
            return each
    if str(protocol) == "-1":
        return True
    try:
        return str(protocol).lower() in ("tcp", "6") and int(ends[0]) <= HTTPS <= int(ends[1])
    except (TypeError, ValueError, OverflowError):
        return Unknown("the ports of a rule are no numbers")


def _leads(rule: Mapping[str, Any], end: str, groups: Sequence[str | Unknown], blocks: Iterable[Block | Unknown]) -> Truth:
    """Whether the other end of a rule is one of the groups, or holds all of the blocks."""
    found: list[Truth] = []
    group = rule.get(f"{end}SecurityGroupId")
    if group is not None:
        found.append(
            group if isinstance(group, Unknown) else some(each if isinstance(each, Unknown) else each == group for each in groups)
        )
    if "CidrIp" in rule:
        found.append(every(_holds(rule["CidrIp"], block) for block in blocks))
    if any(name in rule for name in (f"{end}PrefixListId", f"{end}SecurityGroupName")):
        found.append(Unknown("what is in a prefix list, or which group has a name, no template tells"))
    return some(found)


def _holds(given: Any, block: Block | Unknown) -> Truth:
    if isinstance(given, Unknown):
        return given
    if isinstance(block, Unknown):
        return block
    try:
        outer = ipaddress.IPv4Network(str(given), strict=False)
    except ValueError:
        return Unknown(f"{given} is no block of addresses")
    if block.subnet_of(outer):
        return True
    # A part of the world may be the part that is asked for.
    return Unknown(f"{given} is a part of the internet") if block == WORLD and not outer.is_private else False
