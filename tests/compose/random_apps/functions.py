"""Functions and the networks they stand in."""

from datetime import timedelta

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from cdk_event_flow import AllAtOnce, Asynchronous, Canary, Function, Linear, Logs, PrivateNetwork, PythonFunction

from .composition import Made

RELEASES = (AllAtOnce(), AllAtOnce(), Canary(percent=10, every=timedelta(minutes=5)), Linear(percent=20, every=timedelta(minutes=2)))


def network(made):
    """A private network, for functions of its stack and later ones."""
    at = made.stack()
    more = made.some(0.5, lambda: {"cidr": "10.7.0.0/20", "zones": made.rnd.randint(1, 3)})
    made.networks.append(Made(at, PrivateNetwork(made.stacks[at], made.id("Network"), **more)))


def a_function(made, *, least=0, most=None, durable=False):
    """A function that stands in one of these stacks; one is made where there is none, and now and then anyway.

    `durable` functions keep what fails without a queue before them: the CDK's own do not.
    """
    most = len(made.stacks) - 1 if most is None else most
    fit = [each for each in made.functions if least <= each.stack <= most and not (durable and _is_plain(each))]
    if not fit or made.chance(0.4):
        return function(made, made.rnd.randint(least, most), durable=durable)
    return made.rnd.choice(fit)


def function(made, at, *, durable=False):
    """A function: mostly in Python, now and then of another runtime, or the CDK's own."""
    dice = made.rnd.random()
    kind = _plain if dice < 0.1 and not durable else _of_node if dice < 0.2 else _in_python
    made.functions.append(Made(at, kind(made, at)))
    return made.functions[-1]


def timeout_of(function):
    """The time that a function may run."""
    timeout = function.it.timeout
    return timeout if isinstance(timeout, timedelta) else timedelta(seconds=timeout.to_seconds())


def _in_python(made, at):
    python = made.rnd.choice(("3.12", "3.13", "3.14", "3.14"))
    return PythonFunction(made.stacks[at], made.id("Function"), code=made.code, python=python, **_options(made, at))


def _of_node(made, at):
    code, runtime = lambda_.Code.from_inline("exports.handler = async () => {}"), made.rnd.choice(("nodejs22.x", "nodejs24.x"))
    return Function(made.stacks[at], made.id("Other"), code=code, handler="index.handler", runtime=runtime, **_options(made, at))


def _plain(made, at):
    code, timeout = lambda_.Code.from_inline("def handler(event, context): ..."), cdk.Duration.seconds(made.rnd.randint(1, 60))
    return lambda_.Function(
        made.stacks[at], made.id("Plain"), code=code, handler="index.handler", runtime=lambda_.Runtime.PYTHON_3_13, timeout=timeout
    )


def _is_plain(function):
    return isinstance(function.it, lambda_.Function)


def _options(made, at):
    """Some of what a function can be given."""
    rnd = made.rnd
    networks = [each.it for each in made.networks if each.stack <= at]
    every = {
        "memory": rnd.choice((128, 1_769, 10_240)),
        "timeout": timedelta(seconds=rnd.choice((1, 3, 60, 900))),
        "storage": rnd.choice((512, 4_096)),
        "environment": {"STAGE": "prod", "STACK": made.stacks[at].stack_name},
        "architecture": rnd.choice(("arm64", "x86_64")),
        "logs": Logs(level=rnd.choice(("DEBUG", "WARN")), retention=timedelta(days=rnd.choice((1, 90, 3_653)))),
        "tracing": rnd.choice(("pass_through", "off")),
        "asynchronous": Asynchronous(retries=rnd.randint(0, 2), max_age=timedelta(seconds=rnd.choice((181, 21_600)))),
        "reserved": rnd.choice((100, 500)),
        "recursion": "allow",
        "release": rnd.choice(RELEASES),
        "idempotent": True,
    }
    chosen = {name: every[name] for name in rnd.sample(sorted(every), rnd.randint(0, 4))}
    return {**chosen, **({"network": rnd.choice(networks)} if networks and made.chance(0.7) else {})}
