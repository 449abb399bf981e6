"""The URL of a function."""

from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow.compose.edge import place, refuse
from cdk_event_flow.compose.functions.consumer import Consumes, consumer_of, role_of
from cdk_event_flow.compose.functions.role import allow
from cdk_event_flow.compose.sources.authorizers import Iam, Open
from cdk_event_flow.compose.sources.http_api import Cors
from constructs import Construct


class FunctionUrl(Construct):
    """A function's own HTTPS address, without an API before it: no routes, no throttling, no access logs.

    `authorizer` is who may call: `Iam()` (the default: requests are signed), or `Open(reason)` for anybody. `answer` sends what the
    function returns when it is complete (`BUFFERED`, up to 6 MB), or as it comes (`RESPONSE_STREAM`, up to 200 MB). A function of
    ours is called through its alias. `url` is the CDK's own construct.

    Raises ConstructError: EF-API-OPEN, EF-API-CORS.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        to: Consumes | lambda_.IFunction,
        authorizer: Iam | Open = Iam(),
        cors: Cors | None = None,
        answer: Literal["BUFFERED", "RESPONSE_STREAM"] = "BUFFERED",
    ) -> None:
        consumer = consumer_of(to)
        refuse(
            place(scope, id),
            [*authorizer.problems(), *(cors.problems() if cors else ()), *consumer.capabilities.unnamed("a function URL")],
        )
        super().__init__(scope, id)
        self._arn = consumer.arn
        self.url = lambda_.CfnUrl(
            self,
            "Url",
            auth_type="NONE" if isinstance(authorizer, Open) else "AWS_IAM",
            target_function_arn=consumer.function.function_arn,
            # Out of the ARN: by its name alone, CloudFormation would not make the alias first.
            qualifier=cdk.Fn.select(7, cdk.Fn.split(":", consumer.arn)) if consumer.qualifier else None,
            cors=cors.properties() if cors else None,
            invoke_mode=answer if answer != "BUFFERED" else None,
        )
        if isinstance(authorizer, Open):
            self._let_everybody()

    def allow_calling(self, caller: Consumes | lambda_.IFunction | iam.IRole) -> None:
        """Let a function, or whatever else has the role, sign requests to this URL.

        https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        """
        role = role_of(caller)
        allow(role, ["lambda:InvokeFunctionUrl"], [self._arn])
        allow(role, ["lambda:InvokeFunction"], [self._arn], {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})

    def _let_everybody(self) -> None:
        lambda_.CfnPermission(
            self,
            "Anybody",
            action="lambda:InvokeFunctionUrl",
            function_name=self._arn,
            principal="*",
            function_url_auth_type="NONE",
        )
        lambda_.CfnPermission(
            self,
            "AnybodyByUrl",
            action="lambda:InvokeFunction",
            function_name=self._arn,
            principal="*",
            invoked_via_function_url=True,
        )
