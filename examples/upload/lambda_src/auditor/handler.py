"""Keeps account of what is put into the bucket and deleted from it."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import S3EventNotificationEventBridgeModel
from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="auditor")
tracer = Tracer(service="auditor")
metrics = Metrics(namespace="Prices", service="auditor")


@metrics.log_metrics(capture_cold_start_metric=True)
@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Log who did what to which object, and count it."""
    told = parse(event=event, model=S3EventNotificationEventBridgeModel)
    what = told.detail_type.replace(" ", "")
    metrics.add_metric(name=what, unit=MetricUnit.Count, value=1)
    logger.info(what, extra={"key": told.detail.object.key, "by": told.detail.requester, "from": told.detail.source_ip_address})
