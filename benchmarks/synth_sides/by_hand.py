"""The same stack as a careful person writes it with the CDK's L2 constructs: encrypted with one customer key, TLS only, dead letters
on every hop, a role of its own with named resources, an own log group, traces, a version and an alias, four alarms."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

TIMEOUT = 30
VISIBILITY = 6 * TIMEOUT


def make_key(stack):
    """One key, closed over those who deliver: by account, for naming the topic would be a circle."""
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("sns.amazonaws.com"), iam.ServicePrincipal("events.amazonaws.com")],
            actions=["kms:Decrypt", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
        )
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],
        )
    )
    return key


def make_topic(stack, key, id="Events"):
    """Encrypted, TLS only, deliveries logged."""
    role = iam.Role(stack, "DeliveryLogs", assumed_by=iam.ServicePrincipal("sns.amazonaws.com"))
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:PutMetricFilter"],
            resources=[stack.format_arn(service="logs", resource="log-group", resource_name="sns/*")],
        )
    )
    logging = sns.LoggingConfig(
        protocol=sns.LoggingProtocol.SQS, failure_feedback_role=role, success_feedback_role=role, success_feedback_sample_rate=5
    )
    return sns.Topic(stack, id, master_key=key, enforce_ssl=True, logging_configs=[logging])


def make_dead_letters(stack, id, key):
    """A queue of dead letters, and its alarm."""
    queue = sqs.Queue(stack, id, encryption_master_key=key, enforce_ssl=True, retention_period=cdk.Duration.days(14))
    cloudwatch.Alarm(
        stack,
        f"{id}Alarm",
        metric=queue.metric_approximate_number_of_messages_visible(period=cdk.Duration.minutes(1)),
        threshold=0,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    return queue


def make_function(stack, name, code, key, undelivered, **options):
    """A function with its role, log group, version, alias and alarms; the alias, and the alarms."""
    group = logs.LogGroup(
        stack, f"{name}Logs", encryption_key=key, retention=logs.RetentionDays.ONE_MONTH, removal_policy=cdk.RemovalPolicy.DESTROY
    )
    role = iam.Role(stack, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    group.grant_write(role)
    key.grant_encrypt_decrypt(role)
    function = lambda_.Function(
        stack,
        f"{name}Function",
        code=lambda_.Code.from_asset(code, exclude=["**/__pycache__", "**/*.pyc"]),
        handler="handler.handler",
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        memory_size=512,
        timeout=cdk.Duration.seconds(TIMEOUT),
        role=role,
        log_group=group,
        logging_format=lambda_.LoggingFormat.JSON,
        tracing=lambda_.Tracing.ACTIVE,
        environment_encryption=key,
        dead_letter_queue=undelivered,
        recursive_loop=lambda_.RecursiveLoop.TERMINATE,
        **options,
    )
    alias = lambda_.Alias(stack, f"{name}Live", alias_name="live", version=function.current_version)
    alarms = [
        cloudwatch.Alarm(
            stack,
            f"{name}{kind}",
            metric=metric(period=cdk.Duration.minutes(1), statistic="Sum"),
            threshold=0,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        for kind, metric in (("Errors", alias.metric_errors), ("Throttles", function.metric_throttles))
    ]
    return alias, alarms


def make_fan_out(stack, name, topic, key, alias, policy, *, batch=10, window=0):
    """Topic → filtered queue with dead letters → function."""
    letters = make_dead_letters(stack, f"{name}DeadLetters", key)
    queue = sqs.Queue(
        stack,
        f"{name}Queue",
        encryption_master_key=key,
        enforce_ssl=True,
        visibility_timeout=cdk.Duration.seconds(VISIBILITY + window),
        dead_letter_queue=sqs.DeadLetterQueue(queue=letters, max_receive_count=5),
    )
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("sns.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": topic.topic_arn}},
        )
    )
    # Not SqsSubscription: with one key for all, and the recommended feature flags, it makes a circle of key and topic.
    sns.Subscription(
        stack,
        f"{name}Subscription",
        topic=topic,
        protocol=sns.SubscriptionProtocol.SQS,
        endpoint=queue.queue_arn,
        raw_message_delivery=True,
        filter_policy_with_message_body=policy,
        dead_letter_queue=letters,
    )
    alias.add_event_source(
        sources.SqsEventSource(
            queue,
            batch_size=batch,
            max_batching_window=cdk.Duration.seconds(window) if window else None,
            report_batch_item_failures=True,
        )
    )
    cloudwatch.Alarm(
        stack,
        f"{name}Oldest",
        metric=queue.metric_approximate_age_of_oldest_message(period=cdk.Duration.minutes(1)),
        threshold=2 * (VISIBILITY + window),
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    return queue


class Consumers(cdk.Stack):
    """One topic, and consumers that are added one by one."""

    def __init__(self, scope, id):
        super().__init__(scope, id)
        self._key = make_key(self)
        self._events = make_topic(self, self._key)
        self._undelivered = make_dead_letters(self, "Undelivered", self._key)

    def add(self, name, code, least):
        """One more consumer, of events whose total is over `least`."""
        alias, _ = make_function(self, name, code, self._key, self._undelivered)
        over = sns.FilterOrPolicy.filter(sns.SubscriptionFilter.numeric_filter(greater_than=least))
        make_fan_out(self, name, self._events, self._key, alias, {"total": over})
