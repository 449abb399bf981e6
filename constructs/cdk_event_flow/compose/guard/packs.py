"""The security packs, and what each wants of an app that ours is not by default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Literal

from cdk_event_flow.errors import Problem

PackName = Literal["NIST-800-53-R5", "HIPAA", "PCI-DSS-3.2.1"]


@dataclass(frozen=True, kw_only=True)
class Pack:
    """A pack: what cdk-nag calls it, the names of the rules that guardrails are for, and how long it wants logs kept at least,
    where the standard says so."""

    nag: str
    rules: frozenset[str]
    logs: timedelta | None = None

    def finding(self, rule: str) -> str:
        """The id by which a finding of the pack is acknowledged."""
        return f"{self.nag}::{self.nag}-{rule}"


INLINE = "IAMNoInlinePolicy"
NETWORK = "LambdaInsideVPC"
CONCURRENCY = "LambdaConcurrency"
VERSIONS = "S3BucketVersioningEnabled"
ENCRYPTED_LOGS = "CloudWatchLogGroupEncrypted"
BACKUPS = "DynamoDBInBackupPlan"
ALARMS = "CloudWatchAlarmAction"

_ALL = frozenset({INLINE, NETWORK, VERSIONS, ENCRYPTED_LOGS})
_MORE = _ALL | {CONCURRENCY, BACKUPS, ALARMS}

PACKS: dict[str, Pack] = {
    "NIST-800-53-R5": Pack(nag="NIST.800.53.R5", rules=_MORE),
    "HIPAA": Pack(nag="HIPAA.Security", rules=_MORE),
    "PCI-DSS-3.2.1": Pack(nag="PCI.DSS.321", rules=_ALL, logs=timedelta(days=365)),  # 10.7: audit trails a year
}


def unknown_packs(names: Sequence[str]) -> list[Problem]:
    """That there is no such pack, or none is named."""
    known = ", ".join(PACKS)
    if not names:
        return [Problem(code="EF-GUARD-PACK", given="no pack is named", allowed=f"there are {known}", fix="name one or more")]
    return [
        Problem(code="EF-GUARD-PACK", given=f"there is no pack {name!r}", allowed=f"there are {known}",
                fix="; ".join(f"did you mean {near}?" for near in get_close_matches(name.upper(), PACKS, n=1, cutoff=0.4))
                or "choose one of them")
        for name in names if name not in PACKS
    ]  # fmt: skip
