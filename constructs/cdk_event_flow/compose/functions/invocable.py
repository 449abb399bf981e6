"""What is invoked through an alias: a function at its newest version, or a stage of it at another."""

from collections.abc import Sequence
from typing import Any, Literal, Unpack

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.acknowledge import Acknowledged, acknowledge
from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.asynchronous import Asynchronous
from cdk_event_flow.compose.functions.capabilities import Capabilities
from cdk_event_flow.compose.functions.consumer import Consumer
from cdk_event_flow.compose.functions.destinations import Destination, end_of
from cdk_event_flow.compose.functions.provisioned import Provisioned, keep_ready
from cdk_event_flow.compose.functions.release import Release
from cdk_event_flow.compose.functions.resource_policy import allow_from, allow_from_problems
from cdk_event_flow.compose.functions.role import DESTINATIONS_ID
from cdk_event_flow.compose.known import remember
from cdk_event_flow.compose.messaging.encryption import stack_key
from cdk_event_flow.compose.observe.alarms import function_alarms, watch_untold
from cdk_event_flow.compose.observe.parts import add_part
from cdk_event_flow.compose.sources.mappings import consume
from cdk_event_flow.compose.sources.options import MappingOptions
from cdk_event_flow.compose.sources.resources import PollSource
from cdk_event_flow.errors import Problem
from constructs import Construct

Outcome = Literal["on_success", "on_failure"]


class Invocable(Construct):
    """The base of Function and Stage. `alias` is what everything that triggers points at; `errors_alarm` watches its errors and
    the function's throttles, unless the context asks for single alarms: then `throttles_alarm` is another one."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        remember(self, scope, id)

    function: lambda_.Function
    function_name: str
    role: iam.Role
    asynchronous: Asynchronous
    alias: lambda_.Alias
    consumer: Consumer
    reserved: int | None
    capabilities: Capabilities

    def _serve(
        self,
        id: str,
        name: str,
        version: lambda_.IVersion,
        *,
        timeout: Any,
        release: Release,
        provisioned: Provisioned | None,
        weights: list[lambda_.VersionWeight] | None = None,
    ) -> None:
        """Make the alias and what belongs to it."""
        self.alias = lambda_.Alias(
            self,
            id,
            alias_name=name,
            version=version,
            additional_versions=weights,
            provisioned_concurrent_executions=provisioned.minimum if provisioned and not provisioned.scaled else None,
        )
        self.consumer = Consumer(
            scope=self,
            invoked=self.alias,
            function=self.function,
            role=self.role,
            timeout=timeout,
            qualifier=name,
            reserved=self.reserved,
            key=stack_key(self),
            capabilities=self.capabilities,
        )
        logged = getattr(self, "log_group_arn", None)
        add_part(
            self, self.alias, *([self.function] if logged else []), kind="function", scope=self, called=self.function_name,
            near=self.alias, alias=name, timeout=timeout, logs=logged,
        )  # fmt: skip
        alarms = function_alarms(self, self.function_name, name)
        self.errors_alarm, self.throttles_alarm = alarms[0], alarms[-1]
        self._ends: dict[Outcome, str] = {}
        self._invoke_config: lambda_.CfnEventInvokeConfig | None = None
        if self.asynchronous.tried_otherwise:
            self._configure()
        if provisioned:
            keep_ready(self.alias, provisioned)
        if release.by_codedeploy:
            from cdk_event_flow.compose.functions.traffic import shift_traffic  # with the CDK's CodeDeploy

            shift_traffic(self, self.alias, release, alarms)

    def consume(self, source: PollSource, **options: Unpack[MappingOptions]) -> lambda_.CfnEventSourceMapping:
        """Let Lambda poll `source` for this alias; all is as in `sources.mappings.consume`."""
        return consume(source, self, **options)

    def on_failure(self, to: Destination) -> None:
        """Tell `to` of each asynchronous invocation that failed for good, with the event and the error.

        `to` is a queue, topic, function, event bus or bucket, ours or the CDK's; FIFO queues and topics are refused. A
        record that Lambda cannot deliver is lost, and alarmed on.

        Raises ConstructError: EF-ASYNC-DESTINATION.
        """
        self._tell("on_failure", to)

    def on_success(self, to: Destination) -> None:
        """Tell `to` of each asynchronous invocation that succeeded, with the event and the answer.

        `to` is as in `on_failure`, without buckets. Raises ConstructError: EF-ASYNC-DESTINATION.
        """
        self._tell("on_success", to)

    def allow_from(
        self,
        *,
        accounts: Sequence[str] = (),
        organization: str | None = None,
        services: Sequence[str] = (),
        principals: Sequence[str] = (),
    ) -> None:
        """Let others invoke the alias: accounts (12 digits), all accounts of an AWS organization (`o-…`), services of AWS in
        this account (`s3`, `iot` …), or roles and users (their ARNs). What our own constructs trigger needs no call of this.

        Raises ConstructError: EF-ALLOW.
        """
        refuse(place(self, "Allowed"), allow_from_problems(accounts, organization, services, principals))
        allow_from(self.consumer, accounts=accounts, organization=organization, services=services, principals=principals)

    def _tell(self, outcome: Outcome, to: Destination) -> None:
        end = end_of(to)
        refuse(place(self, outcome), [*end.problems(outcome, self.consumer), *self._taken(outcome)])
        self._ends[outcome] = end.arn
        config = self._configure()
        make = lambda_.CfnEventInvokeConfig
        success, failure = self._ends.get("on_success"), self._ends.get("on_failure")
        config.destination_config = make.DestinationConfigProperty(
            on_success=make.OnSuccessProperty(destination=success) if success else None,
            on_failure=make.OnFailureProperty(destination=failure) if failure else None,
        )
        policy = self._allow(end.statements(self.function, stack_key(self)), config)
        owner: Any = self.function.node.scope
        watch_untold(owner, self.function_name)
        if end.in_bucket:
            acknowledge(policy, Acknowledged.RECORDS_NAMED_BY_LAMBDA, end.objects(self.function))
        if outcome == "on_failure" and self.asynchronous.dead_letters is None:
            acknowledge(self.function, Acknowledged.DESTINATION_FOR_FAILURES)

    def _taken(self, outcome: Outcome) -> list[Problem]:
        if outcome not in self._ends:
            return []
        return [
            Problem(code="EF-ASYNC-DESTINATION", given=f"there is a destination {outcome} already",
                    allowed="Lambda (https://docs.aws.amazon.com/lambda/latest/api/API_DestinationConfig.html) has one for each",
                    fix="give a topic or a bus, which tells several")
        ]  # fmt: skip

    def _configure(self) -> lambda_.CfnEventInvokeConfig:
        """The one configuration of asynchronous invocation that an alias has."""
        if self._invoke_config is None:
            self._invoke_config = lambda_.CfnEventInvokeConfig(
                self.alias,
                "Asynchronous",
                function_name=self.function.function_name,
                qualifier=self.alias.alias_name,
                **self.asynchronous.tried_otherwise,
            )
            alias: Any = self.alias.node.default_child
            self._invoke_config.add_resource_dependency(alias)
            if self.asynchronous.dead_letters is not None:
                acknowledge(self._invoke_config, Acknowledged.DEAD_LETTERS_OF_THE_FUNCTION)
        return self._invoke_config

    def _allow(self, statements: list[iam.PolicyStatement], config: lambda_.CfnEventInvokeConfig) -> iam.Policy:
        """Let the role deliver, by a policy of its own: the function waits for the role's other policy, so with the ARN of
        a function in that one, two functions that tell each other could not be deployed."""
        policy: Any = self.node.try_find_child(DESTINATIONS_ID)
        if policy is None:
            policy = iam.Policy(self, DESTINATIONS_ID, roles=[self.role], statements=statements)
            config.add_resource_dependency(policy.node.default_child)  # left out for a policy that has no statement yet
        else:
            policy.add_statements(*statements)
        return policy  # type: ignore[no-any-return]
