"""Small worlds for the tests of the local run: nodes by name, and functions in this process."""

import asyncio
import json
import threading
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from cdk_event_flow.flow import Flow, model
from cdk_event_flow.local.clock import Clock
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.invocation import Fault, Invocation, LogLine
from cdk_event_flow.local.run import LocalRun
from cdk_event_flow.local.trace import outcome

ACCOUNT, REGION = "111122223333", "eu-central-1"
START = 1_768_383_000.0


def arn(service, name):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def _node(service, name, arn_name=None):
    return {"logical_id": name, "arn": arn(service, arn_name or name), "name": name, "path": f"Shop/{name}"}


def queue(name, **more):
    return model.Queue(**_node("sqs", name), url=f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}", **more)


def topic(name, **more):
    return model.Topic(**_node("sns", name), **more)


def bus(name="Orders"):
    return model.Bus(**_node("events", name, f"event-bus/{name}"))


def function(name, **more):
    return model.Function(**_node("lambda", name, f"function:{name}"), runtime="python3.13", handler="handler.handler", **more)


def rule(name, pattern, *targets, on=None, schedule=None, enabled=True):
    return model.Rule(
        **_node("events", name, f"rule/{name}"),
        bus_arn=(on or bus()).arn,
        pattern=pattern,
        schedule=schedule,
        enabled=enabled,
        targets=tuple(t if isinstance(t, model.Target) else target(t) for t in targets),
    )


def target(node, **more):
    return model.Target(id=f"To{node.name}", arn=node.arn, **more)


def subscription(of, to, protocol="sqs", **more):
    name = f"{of.name}-{to if isinstance(to, str) else to.name}"
    endpoint = to if isinstance(to, str) else to.arn
    return model.Subscription(
        **_node("sns", name, f"{of.name}:{name}"), topic_arn=of.arn, protocol=protocol, endpoint=endpoint, **more
    )


def mapping(source, to, **more):
    return model.EventSourceMapping(**_node("lambda", f"{source.name}-mapping"), source_arn=source.arn, function_arn=to.arn, **more)


def event(total=5, detail_type="OrderSubmitted", **detail):
    return {"source": "shop.orders", "detail-type": detail_type, "detail": {"total": total, **detail}}


class Functions:
    """An Invoker in this process: `handlers` by function name, each called with the event.

    A handler returns its response, or raises; `FailureError` carries a Fault of its own. `durations` are seconds on the
    run's clock. `log(name, request_id)` gives the lines that an invocation writes. `faults` are put in as execution
    environments put them in; what is cut has done its work by then.
    """

    def __init__(self, clock, handlers=None, durations=None, faults=None, functions=()):
        self.clock = clock
        self.faults = faults
        self.functions = {function.arn: function for function in functions}
        self.handlers = handlers or {}
        self.durations = durations or {}
        self.calls = []
        self.running = {}
        self.most_at_once = {}
        self.trace_ids = []
        self.log = lambda name, request_id: ()

    async def invoke(self, arn, payload, *, trace_id=None, client_context=None):
        if self.faults is None:
            return await self.handle(arn, payload, trace_id)

        async def call(cut):
            answer = await self.handle(arn, payload, trace_id)
            return answer if cut is None else self._answered(arn, None, Fault.CRASH, "Runtime.ExitError", "signal: killed")

        unanswered = partial(self._answered, arn, None, Fault.THROTTLED, "TooManyRequestsException", "Rate Exceeded.")
        return await self.faults.around(self.functions[arn], unanswered, call)

    async def handle(self, arn, payload, trace_id):
        name = arn.split(":function:")[1].split(":")[0]
        given = json.loads(payload)
        self.calls.append((name, given))
        self.trace_ids.append(trace_id)
        self.running[name] = self.running.get(name, 0) + 1
        self.most_at_once[name] = max(self.most_at_once.get(name, 0), self.running[name])
        try:
            if wait := self.durations.get(name):
                await self.clock.sleep(wait)
            handler = self.handlers.get(name, lambda _: None)
            answer = handler(given)
            if asyncio.iscoroutine(answer):
                answer = await answer
            return self._answered(arn, answer)
        except FailureError as failure:
            return self._answered(arn, None, failure.fault, "", str(failure))
        except Exception as error:
            return self._answered(arn, None, Fault.ERROR, type(error).__name__, str(error))
        finally:
            self.running[name] -= 1

    def _answered(self, arn, answer, fault=None, kind="", message=""):
        payload = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request_id, name = f"request-{len(self.calls)}", arn.split(":function:")[1].split(":")[0]
        if fault:
            payload = json.dumps({"errorType": kind, "errorMessage": message}).encode()
        return Invocation(
            request_id=request_id,
            function_arn=arn,
            version="1",
            payload=payload,
            fault=fault,
            error_type=kind,
            error_message=message,
            environment="env-1",
            duration_ms=1.0,
            log=tuple(LogLine(at=self.clock.now(), text=text) for text in self.log(name, request_id)),
        )

    def batches(self, name):
        return [[r["body"] for r in given["Records"]] for called, given in self.calls if called == name]


class FailureError(Exception):
    def __init__(self, fault, message=""):
        super().__init__(message)
        self.fault = fault


@asynccontextmanager
async def engine(*nodes, handlers=None, durations=None, seed=0):
    clock = Clock(fast=True, start=START)
    invoker = Functions(clock, handlers, durations)
    built = Engine(nodes, invoker, region=REGION, account=ACCOUNT, clock=clock, seed=seed)
    built.invoker = invoker
    built.start()

    async def settle():
        await clock.until(lambda: built.hub.trace.settled)

    built.settle = settle
    try:
        yield built
    finally:
        await clock.close()


def local_run(*nodes, handlers=None, account=ACCOUNT, region=REGION, **more):
    more.setdefault("start", START)
    made = []

    def factory(run):
        functions = [node for node in nodes if isinstance(node, model.Function)]
        made.append(Functions(run.clock, handlers, faults=run.faults, functions=functions))
        return made[0]

    run = LocalRun(Flow({n.arn: n for n in nodes}, account=account, region=region), factory, **{"fast": True, **more})
    run.made = made
    return run


@contextmanager
def serving(*nodes, **more):
    """A run on a thread of its own, so that a blocking SDK can ask it."""
    started, loops = threading.Event(), []

    async def main():
        async with local_run(*nodes, **more) as run:
            stop = asyncio.Event()
            loops.extend((asyncio.get_running_loop(), stop, run))
            started.set()
            await stop.wait()

    failures = []

    def work():
        try:
            asyncio.run(main())
        except Exception as error:
            failures.append(error)
            started.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(20)
    if failures:
        raise failures[0]
    loop, stop, run = loops
    try:
        yield run
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)


def put(engine, *events, on="Orders"):
    roots = []
    for one in events:
        entry = {
            "Source": one["source"],
            "DetailType": one["detail-type"],
            "Detail": json.dumps(one["detail"]),
            "EventBusName": on,
        }
        result, root = engine.put_entry(entry, origin="put_events")
        assert "EventId" in result, result
        roots.append(root)
    return roots


def send(engine, node, body, **parcel):
    from cdk_event_flow.local.post import Parcel

    receiver = engine.hub.post.find(node.arn)
    root = engine.hub.trace.begin(receiver.kind, node.arn, receiver.name, body, origin="send")
    engine.hub.post.deliver(node.arn, Parcel(body=body, **parcel), root)
    return root


def outcomes(engine):
    return [outcome(root) for root in engine.hub.trace.roots]
