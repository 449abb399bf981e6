"""Names and times that payloads have where nobody gives them, and an event around what matters."""

NOBODY = "00000000-0000-4000-8000-000000000000"
NEW_YEAR, NEW_YEAR_MS = "2026-01-01T00:00:00Z", 1767225600000
ACCOUNT = "123456789012"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:orders"
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:billing"
BUS = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/orders"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/nightly"
SCHEDULE = f"arn:aws:scheduler:eu-west-1:{ACCOUNT}:schedule/default/nightly"
STREAM = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders/stream/2026-01-01T00:00:00.000"
CLUSTER = f"arn:aws:kafka:eu-west-1:{ACCOUNT}:cluster/shop/1-2"


def event(**changes):
    """An event as a bus carries it."""
    usual = {
        "version": "0", "id": NOBODY, "detail-type": "", "source": "", "account": ACCOUNT, "time": NEW_YEAR, "region": "eu-west-1",
        "resources": [], "detail": {},
    }  # fmt: skip
    return usual | {name.replace("_", "-"): value for name, value in changes.items()}
