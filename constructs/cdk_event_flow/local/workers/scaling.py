"""How many workers there should be, minute by minute, as Application Auto Scaling decides it from the template's policies.

What it decides by is what a policy makes it create: an alarm above the target for three minutes, one below nine tenths of it
for fifteen, and the step's own. https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

import math

from cdk_event_flow.flow.workers import Scales

MINUTE = 60.0
HIGH_MINUTES = 3
LOW_MINUTES = 15
LOW = 0.9


class Scaler:
    """`wanted` is how many there should be now; at first, the least."""

    def __init__(self, scales: Scales) -> None:
        self.scales = scales
        self.wanted = scales.least
        self._high = self._low = 0

    def minute(self, visible: int, hidden: int, running: int) -> int:
        """A minute is over: so many messages wait, so many are worked on, so many workers run. How many there should be.

        Unlike CloudWatch, which tells a minute or more later, this knows at once.
        """
        if running == 0:
            self._high = self._low = 0
            if visible:
                self._want(self._step(visible))
        elif self.scales.backlog:
            each = (visible + hidden) / running
            self._high = self._high + 1 if each > self.scales.backlog else 0
            self._low = self._low + 1 if each < LOW * self.scales.backlog else 0
            needed = math.ceil(running * each / self.scales.backlog)
            if self._high >= HIGH_MINUTES:
                self._want(max(needed, self.wanted))
            elif self._low >= LOW_MINUTES:
                self._want(min(needed, self.wanted))
        return self.wanted

    def _step(self, visible: int) -> int:
        """What the last step says that begins at no more than these messages."""
        taken = [workers for low, workers in sorted(self.scales.steps) if low <= visible]
        return taken[-1] if taken else self.wanted

    def _want(self, workers: int) -> None:
        self.wanted = max(self.scales.least, min(self.scales.most, workers))
