"""What a network may be told, checked together before anything is made."""

import ipaddress
from dataclasses import dataclass

from cdk_event_flow.compose.edge import within
from cdk_event_flow.errors import Problem

VPCS = "VPC (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html)"
SUBNETS = "VPC (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html)"
RESERVED_ADDRESSES = 5  # in each subnet, see SUBNETS
# Network interfaces of functions in a network, by default: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
INTERFACES = 250
MOST_BLOCKS = 256  # that CloudFormation's Fn::Cidr gives


@dataclass(frozen=True, kw_only=True)
class EniBudget:
    """Elastic network interfaces of a network, as far as it is composed.

    Lambda makes one in each of `subnets` for all `functions` together (`of_functions`), however many there are and however many
    versions are kept; each interface endpoint has one in each subnet (`of_endpoints`), each task of a fleet has one of its own
    (`of_tasks`, at most, while a deployment doubles them). `left` addresses remain in the fullest subnet: None where its size is
    not known. `quota` is how many interfaces Lambda makes in a network by default.
    """

    subnets: int
    functions: int
    of_functions: int
    of_endpoints: int
    of_tasks: int
    left: int | None
    quota: int = INTERFACES


def problems_of(cidr: str, zones: int, mask: int, nat: int) -> list[Problem]:
    """Blocks of addresses that VPC refuses, or that have no room for the subnets."""
    found = within("EF-NETWORK-ZONES", "zones", zones, 1, 6, unit="zones", source="a region", fix="choose a number in that range")
    found += within("EF-NETWORK-NAT", "nat", nat, 0, max(zones, 1), unit="gateways", source="a network of so many zones",
                    fix="choose one a zone, or fewer")  # fmt: skip
    try:
        block = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        return [*found, Problem(code="EF-NETWORK-CIDR", given=f"cidr is {cidr!r}: {error}",
                                allowed=f"{VPCS} takes a block such as 10.0.0.0/16", fix="correct it")]  # fmt: skip
    if not 16 <= block.prefixlen <= 28:
        found.append(Problem(code="EF-NETWORK-CIDR", given=f"cidr is a /{block.prefixlen}",
                             allowed=f"{VPCS} takes blocks of /16 to /28", fix="choose another size"))  # fmt: skip
    elif not 16 <= mask <= 28 or mask < block.prefixlen:
        found.append(Problem(code="EF-NETWORK-SUBNETS", given=f"subnets of /{mask} in {cidr}",
                             allowed=f"{SUBNETS} takes /16 to /28, no larger than the network",
                             fix="choose another size"))  # fmt: skip
    elif zones + nat > min(MOST_BLOCKS, 2 ** (mask - block.prefixlen)):
        found.append(Problem(code="EF-NETWORK-SUBNETS", given=f"{zones + nat} subnets of /{mask} in {cidr}",
                             allowed=f"there is room for {min(MOST_BLOCKS, 2 ** (mask - block.prefixlen))}",
                             fix="make the network larger, or the subnets smaller"))  # fmt: skip
    return found
