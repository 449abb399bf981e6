"""cdk-monitoring-constructs over what cdk-event-flow made, through its public L2 attributes."""

from aws_cdk import Stack
from cdk_monitoring_constructs import AlarmFactoryDefaults, ErrorCountThreshold, MaxMessageCountThreshold, MonitoringFacade
from constructs import Construct

from store.orders import Orders


def monitor(scope: Construct, orders: Orders) -> MonitoringFacade:
    """A dashboard and alarms in a stack of their own."""
    stack = Stack(scope, "Monitoring")
    facade = MonitoringFacade(
        stack, "Monitoring", alarm_factory_defaults=AlarmFactoryDefaults(alarm_name_prefix="Store", actions_enabled=True)
    )
    facade.monitor_lambda_function(
        lambda_function=orders.billing.function, add_fault_count_alarm={"Warning": ErrorCountThreshold(max_error_count=1)}
    )
    facade.monitor_lambda_function(lambda_function=orders.stock)
    assert orders.bills.dead_letter_queue is not None
    facade.monitor_sqs_queue_with_dlq(
        queue=orders.bills.queue,
        dead_letter_queue=orders.bills.dead_letter_queue,
        add_dead_letter_queue_max_size_alarm={"Warning": MaxMessageCountThreshold(max_message_count=0)},
    )
    facade.monitor_sns_topic(topic=orders.topic.topic)
    return facade
