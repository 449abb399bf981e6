"""What leaves AWS: called on this machine, shown elsewhere, tried again as AWS does; log groups and delivery streams."""

import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from cdk_event_flow.flow.model import Other
from cdk_event_flow.flow.sources import ApiDestination
from cdk_event_flow.local.outside import Web
from cdk_event_flow.local.trace import State

from . import world as w
from .test_pipes import pipe
from .test_queues import scenario


@asynccontextmanager
async def listening(*statuses):
    """A server on this machine that answers with these statuses one after the other, then with 200."""
    asked, left = [], list(statuses)

    async def handle(request):
        asked.append((request.method, request.path_qs, dict(request.headers), await request.text()))
        return web.Response(status=left.pop(0) if left else 200, headers={"Location": "https://elsewhere.example/"})

    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", asked
    finally:
        await runner.cleanup()


def destination(endpoint, method="POST"):
    return ApiDestination(
        **w._node("events", "Crm", "api-destination/Crm"),
        type="AWS::Events::ApiDestination",
        endpoint=endpoint,
        method=method,
        connection_arn="connection",
    )


def connection(**parameters):
    properties = {"AuthParameters": parameters}
    return Other(logical_id="C", arn="connection", name="C", path="Shop/C", type="AWS::Events::Connection", properties=properties)


@scenario
async def test_an_api_destination_on_this_machine_is_called():
    async with listening() as (url, asked):
        to = destination(f"{url}/orders/*")
        given = {
            "PathParameterValues": ["$.detail.total"],
            "QueryStringParameters": {"a": "b"},
            "HeaderParameters": {"X-Kind": "$.source"},
        }
        key = connection(
            ApiKeyAuthParameters={"ApiKeyName": "X-Key", "ApiKeyValue": "k"},
            InvocationHttpParameters={"BodyParameters": [{"Key": "added", "Value": "1"}]},
        )
        route = w.rule("R", {"source": ["shop.orders"]}, replace(w.target(to), input_path="$.detail", web=given))
        async with w.engine(w.bus(), route, to, key) as e:
            w.put(e, w.event(7))
            await e.settle()
            ((method, path, headers, body),) = asked
            assert (method, path, json.loads(body)) == ("POST", "/orders/7?a=b", {"total": 7, "added": "1"})
            assert (headers["X-Key"], headers["X-Kind"]) == ("k", "shop.orders")
            assert w.outcomes(e) == [State.PROCESSED]


@scenario
async def test_an_api_destination_elsewhere_is_shown_and_not_called():
    to = destination("https://crm.example/orders")
    async with w.engine(w.bus(), w.rule("R", {"source": ["shop.orders"]}, to), to) as e:
        (root,) = w.put(e, w.event())
        await e.settle()
        assert root.children[0].reason == "shown, not sent (POST https://crm.example/orders)"


@scenario
async def test_a_host_that_was_allowed_by_name_may_be_asked():
    assert Web(allowed=("crm.example",)).may("https://crm.example/orders")
    for url in ("https://crm.example.evil/", "https://evil/crm.example", "file:///etc/passwd", "https://[", "http://10.0.0.1"):
        assert not Web(allowed=("crm.example",)).may(url)


@scenario
async def test_what_fails_is_tried_again_and_what_is_refused_is_a_dead_letter_at_once():
    dead = w.queue("Dead")
    async with listening(503, 429, 200, 404) as (url, asked):
        to = destination(url)
        route = w.rule("R", {"source": ["shop.orders"]}, w.target(to, dead_letter_arn=dead.arn))
        async with w.engine(w.bus(), route, to, dead) as e:
            w.put(e, w.event())
            await e.settle()
            assert len(asked) == 3
            w.put(e, w.event())
            await e.settle()
            assert len(asked) == 4
            assert w.outcomes(e) == [State.PROCESSED, State.DEAD_LETTERED]
            (message,) = e.queue("Dead")
            assert message.attributes["ERROR_CODE"]["StringValue"] == "SDK_CLIENT_ERROR"


@scenario
async def test_a_redirection_is_not_followed():
    async with listening(302) as (url, asked):
        to = destination(url)
        async with w.engine(w.bus(), w.rule("R", {"source": ["shop.orders"]}, to), to) as e:
            w.put(e, w.event())
            await e.settle()
            assert len(asked) == 1
            assert w.outcomes(e) == [State.DROPPED]


@pytest.mark.parametrize("raw", [True, False])
def test_a_topic_sends_to_an_address_of_this_machine(raw):
    @scenario
    async def test():
        t = w.topic("T")
        async with listening(500) as (url, asked), w.engine(t, w.subscription(t, url, "http", raw=raw)) as e:
            w.send(e, t, "hello")
            await e.settle()
            assert e.hub.clock.now() - w.START == 20
            (_, first), (_, (method, _, headers, body)) = enumerate(asked)
            assert first[3] == body
            assert (method, headers["x-amz-sns-topic-arn"]) == ("POST", t.arn)
            assert ("x-amz-sns-rawdelivery" in headers) is raw
            assert (body == "hello") if raw else (json.loads(body)["Message"] == "hello")
            assert w.outcomes(e) == [State.PROCESSED]

    test()


@scenario
async def test_nobody_at_the_address_is_a_dead_letter_after_three_retries():
    t, dead = w.topic("T"), w.queue("Dead")
    async with w.engine(t, dead, w.subscription(t, "http://127.0.0.1:9/", "http", dead_letter_arn=dead.arn)) as e:
        w.send(e, t, "hello")
        await e.settle()
        assert e.hub.clock.now() - w.START == 60
        assert len(e.queue("Dead")) == 1


@scenario
async def test_a_pipe_calls_an_api_destination_and_its_message_comes_again():
    q = w.queue("Q", visibility=30)
    async with listening(503) as (url, asked):
        to = destination(url)
        async with w.engine(q, to, pipe(q, to, template='{"id": <$.body.id>}')) as e:
            w.send(e, q, '{"id": 1}')
            await e.settle()
            assert [json.loads(body) for *_, body in asked] == [{"id": 1}] * 2
            assert w.outcomes(e) == [State.PROCESSED]


@scenario
async def test_an_event_in_a_log_group_can_be_read_and_one_for_firehose_is_shown():
    group = Other(logical_id="L", arn=f"{w.arn('logs', 'log-group:/events')}:*", name="/events", path="L", type="AWS::Logs::LogGroup")
    firehose = Other(
        logical_id="D",
        arn=w.arn("firehose", "deliverystream/D"),
        name="D",
        path="Shop/D",
        type="AWS::KinesisFirehose::DeliveryStream",
    )
    async with w.engine(w.bus(), w.rule("R", {"source": ["shop.orders"]}, group, firehose), group, firehose) as e:
        w.put(e, w.event(7))
        (line,) = e.logbook.lines("/events")
        assert json.loads(line.text)["detail"] == {"total": 7}
        (root,) = e.hub.trace.roots
        assert [child.reason for child in root.children] == ["logged", "shown, not sent (on AWS a record of the delivery stream)"]
