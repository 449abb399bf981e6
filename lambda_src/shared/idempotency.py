"""How every handler remembers what it has done."""

import os
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

# A message lives at most four days in a queue and can be redriven by hand from its dead letters for fourteen. After a week
# somebody has looked at what was redriven; the record may go.
REMEMBERED = timedelta(days=7)

# Records are named by these, not by Lambda's name and Python's: an order stays billed when the function is renamed.
BILLING = "billing"
PACKING = "packing"

persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])


def once_per_order(metrics: Metrics) -> IdempotencyConfig:
    """Idempotent on the order's id: the same order in another event is the same order. Repetitions are counted."""

    def repeated(response: Any, idempotent_data: DataRecord) -> Any:  # noqa: ARG001
        metrics.add_metric(name="OrdersRepeated", unit=MetricUnit.Count, value=1)
        return response

    return IdempotencyConfig(
        event_key_jmespath="order_id",
        expires_after_seconds=int(REMEMBERED.total_seconds()),
        response_hook=repeated,
    )
