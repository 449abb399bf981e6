"""How every handler remembers what it has done."""

import os

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig

# A message lives at most four days in a queue and can be redriven by hand from its dead letters for fourteen. After a week
# somebody has looked at what was redriven; the record may go.
REMEMBERED_SECONDS = 7 * 24 * 3600

persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])


def once_per_order() -> IdempotencyConfig:
    """Idempotent on the order's id: the same order in another event is the same order."""
    return IdempotencyConfig(event_key_jmespath="order_id", expires_after_seconds=REMEMBERED_SECONDS)
