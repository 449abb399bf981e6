"""Permission where requests come from outside: over APIs, and over the URLs of functions."""

import pytest

from cdk_event_flow.flow.permissions import hops

from ..findings.cases import permissions as cases
from ..findings.cases.making import resource
from ..findings.sound import statement
from .test_other_hops import sent
from .test_permissions import OTHER_STACKS, changed


def in_no_stage(resources):
    cases.served(resources)
    del resources["Stage"]
    # That of another API, and a deployment that makes no stage.
    resources["Another"] = resource("ApiGatewayV2::Api", Name="another", ProtocolType="HTTP")
    resources["ItsStage"] = resource("ApiGatewayV2::Stage", ApiId={"Ref": "Another"}, StageName="prod")
    resources["Deployment"] = resource("ApiGatewayV2::Deployment", ApiId={"Ref": "Api"})


def of_an_api_of_elsewhere(resources):
    cases.served(resources)
    for name in ("Stage", "Integration", "Route"):
        resources[name]["Properties"]["ApiId"] = "abc123"


def in_a_stage_that_nobody_knows(resources, *, account):
    cases.served(resources)
    resources["Stage"]["Properties"]["StageName"] = OTHER_STACKS
    resources["Permits"]["Properties"]["SourceAccount"] = account


def deployed(resources, *, stage):
    """A REST API in the stage that its deployment makes."""
    resources["Api"] = resource("ApiGateway::RestApi", Name="rest")
    if stage:
        resources["Deployment"] = resource("ApiGateway::Deployment", RestApiId={"Ref": "Api"}, StageName=stage)
    else:
        resources["Deployment"] = resource("ApiGateway::Deployment", RestApiId={"Ref": "Api"})
    resources["Serve"] = resource("Lambda::Function")
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Serve.Arn}/invocations"
    resources["Route"] = resource(
        "ApiGateway::Method",
        RestApiId={"Ref": "Api"},
        ResourceId={"Fn::GetAtt": ["Api", "RootResourceId"]},
        HttpMethod="GET",
        Integration={"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}},
    )
    arn = {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/prod/GET/"}
    cases.permitted(resources, "Serve", Principal="apigateway.amazonaws.com", SourceArn=arn)


def any_method(resources, *, method):
    cases.served(resources, source="${Api}/prod/" + method + "/orders")
    resources["Route"]["Properties"]["RouteKey"] = "ANY /orders"


def catch_all(resources, *, source):
    cases.served(resources, source=source)
    resources["Route"]["Properties"]["RouteKey"] = "$default"


def quick(resources):
    """An API made with its target."""
    resources["Serve"] = resource("Lambda::Function")
    resources["Route"] = resource("ApiGatewayV2::Api", Name="web", ProtocolType="HTTP", Target=cases.at("Serve"))
    arn = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Route}/$default/$default"}
    cases.permitted(resources, "Serve", Principal="apigateway.amazonaws.com", SourceArn=arn)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (cases.served, "allowed"),
        (lambda r: cases.served(r, source=None), "denied"),
        (lambda r: cases.served(r, source="${Api}/test/POST/orders"), "denied"),
        (in_no_stage, "unknown"),
        (lambda r: in_a_stage_that_nobody_knows(r, account={"Ref": "AWS::AccountId"}), "unknown"),
        (lambda r: in_a_stage_that_nobody_knows(r, account="999999999999"), "denied"),
        (of_an_api_of_elsewhere, "denied"),
        (lambda r: of_an_api_of_elsewhere(r) or r.pop("Stage"), "unknown"),
        (lambda r: deployed(r, stage="prod"), "allowed"),
        (lambda r: deployed(r, stage="test"), "denied"),
        (lambda r: deployed(r, stage=None), "unknown"),
        (lambda r: cases.served(r) or r["Stage"]["Properties"].update(StageName=OTHER_STACKS), "unknown"),
        (lambda r: any_method(r, method="GET"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/$default"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/*"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/*/*"), "allowed"),
        (lambda r: catch_all(r, source="${Api}/*/POST/orders"), "denied"),
        (quick, "allowed"),
        (lambda r: cases.served_by_role(r, statement("lambda:InvokeFunction")), "allowed"),
        (cases.served_by_role, "denied"),
        (lambda r: cases.served(r, source=None, CredentialsArn="arn:aws:iam::*:user/*"), "unknown"),
        (lambda r: cases.served(r, IntegrationUri="arn:aws:lambda:us-east-1:123456789012:function:elsewhere"), "unknown"),
    ],
)
def test_an_api_calls_a_function_by_the_functions_policy_or_a_role(change, verdict):
    assert sent(changed(change), "Route").verdict == verdict


@pytest.mark.parametrize(
    ("actions", "auth", "verdict", "said"),
    [
        (["url", "function"], "NONE", "allowed", ""),
        (["url"], "NONE", "denied", "lets anybody lambda:InvokeFunction"),
        (["function"], "NONE", "denied", "lets anybody lambda:InvokeFunctionUrl"),
        ([], "AWS_IAM", "unknown", "who calls Url must be allowed lambda:InvokeFunctionUrl elsewhere than in the template"),
    ],
)
def test_a_url_is_called_by_whom_the_functions_policy_lets_in(actions, auth, verdict, said):
    decided = sent(changed(lambda r: cases.at_url(r, *actions, auth=auth)), "Url")
    assert (decided.verdict, said in decided.reason) == (verdict, True), str(decided)


@pytest.mark.parametrize(
    ("permission_of_all", "auth", "verdict"),
    [
        ({}, "AWS_IAM", "allowed"),
        ({"FunctionUrlAuthType": "AWS_IAM"}, "AWS_IAM", "allowed"),
        ({"FunctionUrlAuthType": "AWS_IAM"}, "NONE", "denied"),
        ({"SourceArn": "arn:aws:s3:::kept"}, "NONE", "denied"),
        ({"PrincipalOrgID": "o-1"}, "NONE", "unknown"),
    ],
)
def test_a_url_is_called_under_the_conditions_of_the_permission(permission_of_all, auth, verdict):
    def change(resources):
        cases.at_url(resources, auth=auth)
        for number, action in enumerate(("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")):
            cases.permitted(resources, "Open", id=f"Lets{number}", Action=action, Principal="*", **permission_of_all)

    assert sent(changed(change), "Url").verdict == verdict


def test_who_may_call_a_url_of_a_function_of_elsewhere_is_unknown():
    def change(resources):
        cases.at_url(resources)
        resources["Url"]["Properties"]["TargetFunctionArn"] = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere"

    decided = sent(changed(change), "Url")
    assert (decided.verdict, decided.by) == ("unknown", "resource policy")


@pytest.mark.parametrize(
    "integration",
    [
        {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com/", "IntegrationMethod": "POST"},
        {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "example.com", "IntegrationMethod": "POST"},
        {"IntegrationType": "AWS", "IntegrationUri": "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem"},
    ],
)
def test_an_api_needs_no_permission_for_what_is_no_resource(integration):
    def change(resources):
        cases.served(resources)
        resources["Integration"]["Properties"] = {"ApiId": {"Ref": "Api"}, **integration}

    assert [each for each in hops(changed(change)) if each.by.logical_id == "Route"] == []
