"""What a security pack needs beyond our defaults, for all of an app."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import jsii

from cdk_event_flow.compose.edge import LAMBDA_QUOTAS, place, refuse, within
from cdk_event_flow.compose.functions.function import Function
from cdk_event_flow.compose.functions.options import Logs
from cdk_event_flow.compose.guard.alarms import tell
from cdk_event_flow.compose.guard.backups import back_up, kept_problems
from cdk_event_flow.compose.guard.functions import UNRESERVED, limit, put_into_network
from cdk_event_flow.compose.guard.packs import (
    ALARMS,
    BACKUPS,
    CONCURRENCY,
    ENCRYPTED_LOGS,
    INLINE,
    NETWORK,
    PACKS,
    VERSIONS,
    Pack,
    PackName,
    unknown_packs,
)
from cdk_event_flow.compose.guard.policies import manage
from cdk_event_flow.compose.guard.storage import encrypt, keep_logs, keep_versions
from cdk_event_flow.compose.network.private_network import PrivateNetwork
from cdk_event_flow.compose.observe.destinations import AlarmTarget, alarms_to
from cdk_event_flow.errors import Problem
from constructs import Construct, IConstruct

ID = "Guardrails"


@dataclass(frozen=True, kw_only=True)
class Guardrails:
    """What security packs need beyond the defaults, for all constructs of an app, a stage or a stack.

        Guardrails.for_pack("HIPAA", "PCI-DSS-3.2.1", concurrency=10).apply(app)

    It does not matter whether that stands before or after the stacks: it takes effect when the app is synthesized. Logical ids
    of what keeps state stay as they are. Managed policies in place of inline ones, for every role in reach; the others
    for our constructs alone: what the CDK's own constructs lack, the pack tells.
    """

    packs: tuple[Pack, ...]
    concurrency: int | None = None
    quota: int = 1_000
    network: PrivateNetwork | None = None
    alarms: AlarmTarget | None = None
    backups: timedelta = timedelta(days=35)
    logs: timedelta | None = None
    accepts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def for_pack(
        cls,
        *packs: PackName,
        concurrency: int | None = None,
        quota: int = 1_000,
        network: PrivateNetwork | None = None,
        alarms: AlarmTarget | None = None,
        backups: timedelta = timedelta(days=35),
        logs: timedelta | None = None,
        accepts: Mapping[str, str] | None = None,
    ) -> "Guardrails":
        """Those of one or more packs: `"NIST-800-53-R5"`, `"HIPAA"`, `"PCI-DSS-3.2.1"`.

        `concurrency` is reserved for each function that has no `reserved` of its own (1 to `quota` less 100; NIST and HIPAA want
        a limit; none is made up, for it would throttle). `quota` is the account's concurrency in a region, which must hold all
        that is reserved. A function without a network is put into the one network of its stack, else into `network`.
        `alarms` is whom alarms tell, as in `alarms_to`; NIST and HIPAA want that each tells somebody, so those that you made
        yourself and that tell nobody tell it too.

        `backups` says how long a nightly backup of each table is kept (whole days, default 35; for NIST and HIPAA). `logs` keeps
        every log group at least so long (default: a year for PCI, which wants that of audit trails; else as they are).

        `accepts` is what you answer for yourself: the pack's rule by its short name (`"S3BucketReplicationEnabled"`), and the
        reason that a reviewer reads. It is acknowledged, and neither changed nor asked for.

        Raises ConstructError: EF-GUARD-PACK, EF-GUARD-CONCURRENCY, EF-GUARD-BACKUPS, EF-LOGS-RETENTION, EF-GUARD-ACCEPTS.
        """
        accepted = dict(accepts or {})
        refuse(
            "Guardrails",
            [
                *unknown_packs(packs),
                *(within("EF-GUARD-CONCURRENCY", "concurrency", concurrency, 1, quota - UNRESERVED, unit="executions",
                         source=LAMBDA_QUOTAS, fix="choose a number in that range, or raise quota with the account's")
                  if concurrency is not None else ()),
                *kept_problems(backups),
                *(Logs(retention=logs).problems() if logs is not None else ()),
                *_accept_problems(accepted),
            ],
        )  # fmt: skip
        chosen = tuple(PACKS[name] for name in dict.fromkeys(packs))
        least = logs or max((pack.logs for pack in chosen if pack.logs), default=None)
        return cls(packs=chosen, concurrency=concurrency, quota=quota, network=network, alarms=alarms, backups=backups, logs=least,
                   accepts=accepted)  # fmt: skip

    def apply(self, scope: Construct) -> None:
        """Let them hold for `scope`, an app, a stage or a stack, and for what is in it, now or later.

        At synth, ConstructError is raised for what only you can say: EF-GUARD-NETWORK, EF-GUARD-CONCURRENCY, EF-GUARD-QUOTA,
        EF-GUARD-ALARMS, EF-GUARD-POLICIES, EF-GUARD-RIGHTS, EF-GUARD-STAGE. Here: EF-GUARD-TWICE, EF-ALARM-….
        """
        at = place(scope, ID)
        if scope.node.try_find_child(ID) is not None:
            refuse(at, [Problem(code="EF-GUARD-TWICE", given="there are guardrails already", allowed="one for each scope",
                                fix="name all packs in one for_pack(…)")])  # fmt: skip
        if self.alarms is not None:
            alarms_to(scope, self.alarms)
        for stage in [scope, *_stages_in(scope)]:
            cdk.Aspects.of(_stand(stage)).add(_AtSynth(self, stage), priority=cdk.AspectPriority.MUTATING)
        acknowledged = [
            cdk.Acknowledgment(id=pack.finding(rule), reason=reason) for rule, reason in self.accepts.items() for pack in self.packs
        ]
        if acknowledged:
            cdk.Validations.of(scope).acknowledge(*acknowledged)

    def wants(self, rule: str) -> bool:
        """Whether one of the packs has the rule, and it is not accepted as it is."""
        return rule not in self.accepts and any(rule in pack.rules for pack in self.packs)

    def harden(self, scope: IConstruct) -> None:
        """Do what the packs want with all that is in `scope`, which is composed."""
        nodes = _nodes_of(scope)
        functions = [node for node in nodes if isinstance(node, Function)]
        problems: list[Problem] = []
        if self.wants(NETWORK):
            networks = [node for node in nodes if isinstance(node, PrivateNetwork)]
            problems += put_into_network(functions, networks, self.network)
        if self.wants(CONCURRENCY):
            problems += limit(functions, self.concurrency, self.quota)
        if self.wants(ALARMS):
            problems += tell(nodes)
        refuse(place(scope, ID), problems)
        if self.wants(VERSIONS):
            keep_versions(nodes)
        if self.wants(BACKUPS):
            back_up(nodes, self.backups)
        if self.wants(ENCRYPTED_LOGS):
            encrypt(nodes)
        if self.logs is not None:
            keep_logs(nodes, self.logs)
        if self.wants(INLINE):
            manage(_nodes_of(scope))  # and what has been made here
        for function in functions:
            function.write(function.resource)


@jsii.implements(cdk.IAspect)
class _AtSynth:
    """Stands on one small construct, and so is called once."""

    def __init__(self, guardrails: Guardrails, scope: IConstruct) -> None:
        self._guardrails, self._scope = guardrails, scope
        self._done = False

    def visit(self, node: IConstruct) -> None:  # noqa: ARG002
        if not self._done:
            self._done = True
            self._guardrails.harden(self._scope)


def _stand(scope: Any) -> Construct:
    return Construct(scope, ID)


def _stages_in(scope: IConstruct) -> list[cdk.Stage]:
    """Stages below: each is synthesized by itself, and before what it stands in."""
    return [node for node in scope.node.find_all() if isinstance(node, cdk.Stage) and node is not scope]


def _nodes_of(scope: IConstruct) -> Sequence[IConstruct]:
    """All of `scope` but the stages below it."""
    nodes = scope.node.find_all()
    found, index = [], 0
    while index < len(nodes):
        node = nodes[index]
        if isinstance(node, cdk.Stage) and index:
            if node.node.try_find_child(ID) is None:
                refuse(place(node, ID), [
                    Problem(code="EF-GUARD-STAGE", given="the stage was made after guardrails were applied to what it stands in",
                            allowed="it is synthesized first, without them",
                            fix="apply them when all stages are there, or to the stage")
                ])  # fmt: skip
            index += len(node.node.find_all())
            continue
        found.append(node)
        index += 1
    return found


def _accept_problems(accepted: Mapping[str, str]) -> list[Problem]:
    found = []
    for rule, reason in accepted.items():
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]+", rule):
            found.append(Problem(code="EF-GUARD-ACCEPTS", given=f"accepts names the rule {rule!r}",
                                 allowed="a rule has a short name, as S3BucketReplicationEnabled",
                                 fix="leave out the pack's name"))  # fmt: skip
        if not reason.strip():
            found.append(Problem(code="EF-GUARD-ACCEPTS", given=f"accepts gives no reason for {rule}",
                                 allowed="a reviewer reads the reason", fix="say why it is accepted"))  # fmt: skip
    return found
