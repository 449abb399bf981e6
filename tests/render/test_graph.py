"""What is drawn, and what is left out."""

import pytest

from cdk_event_flow.errors import TemplateError
from cdk_event_flow.render.graph import graph_of
from tests.render.templates import Template


def drawn(flow, **options):
    """The vertices as {(kind, scope/name or first line)}, the links as {(name, name): kind}."""
    graph = graph_of(flow, **options)
    names = {each.id: "/".join(filter(None, (each.scope, each.name))) or each.lines[0] for each in graph.vertices}
    return (
        {(each.kind, names[each.id]) for each in graph.vertices},
        {(names[each.source], names[each.target]): each.kind for each in graph.links},
    )


def vertex(flow, name, **options):
    return next(each for each in graph_of(flow, **options).vertices if each.name == name)


def test_the_reference_app_is_drawn_from_the_bus_to_the_functions_and_back(flow):
    _, links = drawn(flow)
    assert links[("Orders", "Orders/ToTopic")] == "delivers"
    assert links[("Orders/ToTopic", "OrderEvents")] == "delivers"
    assert links[("OrderEvents", "region: eu | us")] == "delivers"
    assert links[("region: eu | us", "OrderEvents/Packing")] == "delivers"
    assert links[("OrderEvents/Packing", "Packing")] == "delivers"
    assert links[("Packing", "Orders")] == "publishes"
    assert links[("Nightly", "Reconcile")] == "delivers"
    assert links[("Orders", "Orders/Archive")] == "delivers"


def test_what_no_event_goes_through_is_left_out(flow):
    vertices, _ = drawn(flow)
    assert not {name for _, name in vertices} & {"default", "Idempotency", "Undelivered", "Network"}


def test_a_dead_letter_queue_is_a_mark_unless_asked_for(flow):
    assert vertex(flow, "Packing").mark == "dead letters after 5"
    assert ("dead letters", "Undelivered") not in drawn(flow)[0]
    vertices, links = drawn(flow, dead_letters=True)
    assert ("dead letters", "Undelivered") in vertices
    assert links[("OrderEvents/Packing", "OrderEvents/Packing/DeadLetters")] == "dead letters"


def test_a_dead_letter_queue_that_is_consumed_is_drawn_always():
    template = Template()
    dead = template.queue("Dead", "Dead/Queue")
    queue = template.queue("Work", "Work/Queue", dead=dead)
    template.function("Worker", "Worker/Function")
    template.function("Redriver", "Redriver/Function")
    template.consume("M1", queue, "Worker")
    template.consume("M2", dead, "Redriver")
    vertices, links = drawn(template.flow())
    assert ("queue", "Dead") in vertices
    assert links[("Work", "Dead")] == "dead letters"


def test_an_unfiltered_subscription_is_an_edge_and_a_filtered_one_a_vertex():
    template = Template()
    topic = template.topic("Topic", "Events/Topic")
    template.subscribe("S1", topic, template.queue("All", "All/Queue"))
    template.subscribe("S2", topic, template.queue("Some", "Some/Queue"), {"total": [{"numeric": [">", 0]}]})
    _, links = drawn(template.flow())
    assert set(links) == {("Events", "All"), ("Events", "total > 0"), ("total > 0", "Some")}


def test_several_stacks_keep_their_names():
    one, other = Template("Shop"), Template("Warehouse")
    one.bus("Orders", "Orders/Bus")
    queue = other.queue("Jobs", "Jobs/Queue")
    one.resources |= other.resources
    one.rule("ToJobs", "Orders", {"source": ["shop"]}, queue, path="ToJobs")
    assert {name for _, name in drawn(one.flow())[0]} == {"Shop/Orders", "Shop/ToJobs", "Warehouse/Jobs"}


def test_what_is_disabled_says_so():
    template = Template()
    template.bus("Orders")
    template.rule("Off", "Orders", {"source": ["shop"]}, template.queue("Jobs"), State="DISABLED")
    template.function("Worker")
    template.consume("Paused", {"Fn::GetAtt": ["Jobs", "Arn"]}, "Worker", Enabled=False)
    graph = graph_of(template.flow())
    assert [(each.remark, each.idle) for each in graph.vertices if each.kind == "rule"] == [("disabled", True)]
    assert [(each.lines, each.idle) for each in graph.vertices if each.kind == "filter"] == [(("disabled",), True)]


def test_what_is_in_no_template_is_told_by_its_arn_or_address():
    template = Template()
    template.bus("Orders")
    template.rule("Out", "Orders", {"source": ["shop"]}, "arn:aws:events:eu-west-1:210987654321:event-bus/partner",
                  "arn:aws:states:eu-west-1:210987654321:stateMachine:Pack", {"Ref": "NotThere"})  # fmt: skip
    template.add("Mail", "SNS::Subscription", TopicArn=template.topic("News"), Protocol="email", Endpoint="ops@example.com")
    vertices, _ = drawn(template.flow())
    assert {("bus", "partner"), ("service", "stateMachine:Pack"), ("service", "unknown"), ("client", "ops@example.com")} <= vertices


def test_a_pipe_joins_its_source_to_its_target_with_its_filter():
    template = Template()
    source, target = template.queue("In", "In/Queue"), template.queue("Out", "Out/Queue")
    filters = {"FilterCriteria": {"Filters": [{"Pattern": '{"body": {"kind": ["order"]}}'}]}}
    template.add("Pipe", "Pipes::Pipe", "Move", Source=source, Target=target, SourceParameters=filters)
    assert vertex(template.flow(), "Move").lines == ("kind: order",)
    assert set(drawn(template.flow())[1]) == {("In", "Move"), ("Move", "Out")}


def test_a_rule_with_a_schedule_only_is_a_schedule():
    template = Template()
    template.add("Tick", "Events::Rule", ScheduleExpression="rate(5 minutes)", Targets=[{"Id": "T", "Arn": template.function("Job")}])
    assert drawn(template.flow()) == ({("schedule", "Tick"), ("function", "Job")}, {("Tick", "Job"): "delivers"})


def test_destinations_of_asynchronous_invokes_are_drawn():
    template = Template()
    template.bus("Orders")
    template.function("Job", "Job/Function")
    done = {"OnSuccess": {"Destination": template.queue("Done")}, "OnFailure": {"Destination": template.queue("Failed")}}
    template.add("Config", "Lambda::EventInvokeConfig", FunctionName={"Ref": "Job"}, Qualifier="$LATEST", DestinationConfig=done)
    assert set(drawn(template.flow())[1]) == {("Job", "Done")}
    assert drawn(template.flow(), dead_letters=True)[1][("Job", "Failed")] == "dead letters"


def test_an_empty_flow_is_one_clear_error():
    with pytest.raises(TemplateError, match="EF-DIAGRAM-EMPTY at the template: it has no rule, schedule, subscription"):
        graph_of(Template().flow())


def test_buckets_tables_apis_and_urls_lead_on():
    template = Template()
    template.add("Api", "ApiGatewayV2::Api", "Front/Api", Name="front", ProtocolType="HTTP")
    template.function("Serve", "Serve/Function")
    arn = {"Fn::GetAtt": ["Serve", "Arn"]}
    template.add(
        "Integration", "ApiGatewayV2::Integration", None, ApiId={"Ref": "Api"}, IntegrationType="AWS_PROXY", IntegrationUri=arn
    )
    target = {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]}
    template.add("Route", "ApiGatewayV2::Route", None, ApiId={"Ref": "Api"}, RouteKey="GET /orders/{id}", Target=target)
    template.add("Url", "Lambda::Url", "Serve/Url", TargetFunctionArn=arn, AuthType="NONE")
    queue = template.queue("Seen", "Seen/Queue")
    notifications = {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": queue}]}
    template.add("Uploads", "S3::Bucket", "Uploads", NotificationConfiguration=notifications)
    template.add("Orders", "DynamoDB::Table", "Orders/Table", StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    template.consume("M", {"Fn::GetAtt": ["Orders", "StreamArn"]}, "Serve")
    vertices, links = drawn(template.flow())
    assert {("api", "Front/Api"), ("api", "Serve/Url"), ("bucket", "Uploads"), ("table", "Orders")} <= vertices
    assert {("Front/Api", "Serve"), ("Serve/Url", "Serve"), ("Uploads", "Seen"), ("Orders", "Serve")} <= links.keys()
    assert vertex(template.flow(), "Api").lines == ("GET /orders/{id}",)
