"""From nothing to N and back: target tracking on the backlog of a worker, and a step out of nothing.

https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
"""

from typing import Any

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sqs as sqs

from cdk_event_flow.compose.observe.making import alarm_name, described
from cdk_event_flow.compose.observe.parts import add_alarm
from cdk_event_flow.compose.workers.options import Scaling
from constructs import Construct

NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"
COOLDOWN = 60  # seconds: metrics come once a minute


def scale(scope: Construct, service: ecs.BaseService, cluster: ecs.ICluster, queue: sqs.IQueue, wanted: Scaling) -> Construct:
    """Scale the service by the queue; the scalable target is given back."""
    target = scaling.CfnScalableTarget(
        scope,
        "Scaling",
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=f"service/{cluster.cluster_name}/{service.service_name}",
        min_capacity=wanted.least,
        max_capacity=wanted.most,
    )
    metrics = [*_of_queue(queue), _running(service, cluster)]
    tracking = scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=wanted.backlog,
        scale_out_cooldown=COOLDOWN,
        scale_in_cooldown=COOLDOWN,
        customized_metric_specification=_customized([*metrics, _expression("backlog", "(visible + hidden) / running")]),
    )
    scaling.CfnScalingPolicy(
        scope,
        "ByBacklog",
        policy_name="ByBacklog",
        policy_type="TargetTrackingScaling",
        scaling_target_id=target.ref,
        target_tracking_scaling_policy_configuration=tracking,
    )
    if wanted.least == 0:
        _out_of_nothing(scope, target, metrics, wanted)
    return target


def _out_of_nothing(scope: Construct, target: scaling.CfnScalableTarget, metrics: list[dict[str, Any]], wanted: Scaling) -> None:
    """Where nothing runs there is no backlog of a worker, and target tracking does nothing: a step begins."""
    policy = scaling.CfnScalingPolicy(
        scope,
        "OutOfNothing",
        policy_name="OutOfNothing",
        policy_type="StepScaling",
        scaling_target_id=target.ref,
        step_scaling_policy_configuration=scaling.CfnScalingPolicy.StepScalingPolicyConfigurationProperty(
            adjustment_type="ExactCapacity",
            cooldown=COOLDOWN,
            metric_aggregation_type="Maximum",
            step_adjustments=[
                scaling.CfnScalingPolicy.StepAdjustmentProperty(
                    metric_interval_lower_bound=low, metric_interval_upper_bound=high, scaling_adjustment=workers
                )
                for low, high, workers in steps(wanted)
            ],
        ),
    )
    waiting = [each for each in metrics if each["id"] != "hidden"]
    cloudwatch.CfnAlarm(
        scope,
        "Waiting",
        alarm_description="Messages wait and no worker runs: the first are started. Nothing to do.",
        metrics=[*_for_alarm(waiting), _expression("waiting", "IF(FILL(running, 0) < 1, visible, 0)")],
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        treat_missing_data="notBreaching",
        alarm_actions=[policy.ref],
    )


def steps(wanted: Scaling) -> list[tuple[int, int | None, int]]:
    """From how many messages that wait, to (not with) how many, how many workers begin: 1, 2, 4 … `most`."""
    found: list[tuple[int, int | None, int]] = []
    low, workers = 0, 1
    while workers < wanted.most:
        high = workers * wanted.backlog + 1
        found.append((low, high, workers))
        low, workers = high, workers * 2
    return [*found, (low, None, wanted.most)]


def missing_alarm(scope: Construct, service: ecs.BaseService, cluster: ecs.ICluster, queue: sqs.IQueue) -> cloudwatch.CfnAlarm:
    """Fires when messages waited for a quarter of an hour and no worker ran: they do not start."""
    metrics = [each for each in [*_of_queue(queue), _running(service, cluster)] if each["id"] != "hidden"]
    what_to_do = (
        "Messages wait and no worker starts. Read the service's events in ECS, and for what reason its tasks stopped: the image, "
        "a way to ECR, SQS or CloudWatch Logs, or the handler's imports."
    )
    made = cloudwatch.CfnAlarm(
        scope,
        "NoWorkers",
        alarm_name=alarm_name(scope, "NoWorkers"),
        alarm_description=described(scope, "NoWorkers", what_to_do),
        metrics=[*_for_alarm(metrics), _expression("waiting", "IF(FILL(running, 0) < 1, visible, 0)")],
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=15,
        treat_missing_data="notBreaching",
    )
    add_alarm(scope, "NoWorkers", made)
    return made


def _of_queue(queue: sqs.IQueue) -> list[dict[str, Any]]:
    dimension = {"name": "QueueName", "value": queue.queue_name}
    return [
        _metric("visible", "AWS/SQS", "ApproximateNumberOfMessagesVisible", [dimension], "Maximum"),
        _metric("hidden", "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", [dimension], "Maximum"),
    ]


def _running(service: ecs.BaseService, cluster: ecs.ICluster) -> dict[str, Any]:
    """Each running task is one sample a minute; clusters without Container Insights have it too.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html#cw_running_task_count
    """
    dimensions = [{"name": "ClusterName", "value": cluster.cluster_name}, {"name": "ServiceName", "value": service.service_name}]
    return _metric("running", "AWS/ECS", "CPUUtilization", dimensions, "SampleCount")


def _metric(id: str, namespace: str, name: str, dimensions: list[dict[str, str]], stat: str) -> dict[str, Any]:
    metric = {"namespace": namespace, "metricName": name, "dimensions": dimensions}
    return {"id": id, "returnData": False, "metricStat": {"metric": metric, "stat": stat}}


def _for_alarm(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "metricStat": {**each["metricStat"], "period": 60}} for each in metrics]


def _expression(id: str, expression: str) -> dict[str, Any]:
    return {"id": id, "expression": expression, "returnData": True}


def _customized(metrics: list[dict[str, Any]]) -> dict[str, Any]:
    return {"metrics": metrics}
