"""What of the rehearsal needs no engine. The rest takes minutes and the package registry: `make rehearse`."""

import os
import socket

from tests.docs.blocks import blocks_of
from tests.examples.readme import commands_in
from tests.rehearsal.engine import client_environment, scrubbed
from tests.rehearsal.run_rehearsal import compared, known_to_be_wrong
from tests.rehearsal.tutorial import MARK, PAGE, app
from tests.sockets import family, listening


def test_the_engine_and_the_command_line_get_nothing_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    monkeypatch.setenv("AWS_PROFILE", "production")
    assert set(scrubbed(tmp_path)) == {"PATH", "HOME", "TMPDIR", "LANG"}
    given = client_environment(tmp_path, "http://127.0.0.1:1")
    assert "mine" not in given.values()
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(given)
    assert given["HOME"] == str(tmp_path)


def test_one_order_in_which_they_differ_is_enough():
    same = {("ORD-1", "Billing")}
    assert compared(["ORD-1", "ORD-2"], {"predicted": same, "run here": same, "engine": same})[1]
    assert not compared(["ORD-1", "ORD-2"], {"predicted": same, "run here": same, "engine": set()})[1]
    assert not compared(["ORD-1", "ORD-2"], {"predicted": same, "run here": {*same, ("ORD-2", "Packing")}, "engine": same})[1]


def test_what_the_engine_has_learnt_is_told(flow, template):
    billing = {"Billing": {"VpcConfig": {"SubnetIds": ["subnet-1"]}}}
    configurations = {flow.names[f.arn]: billing.get(flow.names[f.arn], {}) for f in flow.of(type(flow.find("Billing")))}
    told = list(known_to_be_wrong(template, flow, configurations))
    assert "Billing: VpcConfig is there now: mend LEFT_OUT" in told
    assert "Packing: VpcConfig is left out" in told


def test_the_tutorials_app_is_as_it_stands_before_it_is_deployed(tmp_path):
    shop = app(tmp_path)
    assert "Topic(stack" in (shop / "app.py").read_text("utf-8")
    (block,) = (block for block in blocks_of(PAGE) if block.mark == MARK)
    assert [line for line, _ in commands_in(block)][:2] == ["npx cdk bootstrap", "npx cdk deploy"]
    assert len(commands_in(block)) == 7


def test_open_sockets_are_seen():
    with socket.socket() as everywhere, socket.socket() as here, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        for one, address in ((everywhere, "0.0.0.0"), (here, "127.0.0.1"), (datagrams, "127.0.0.1")):
            one.bind((address, 0))
        everywhere.listen()
        here.listen()
        opened = {("tcp", *everywhere.getsockname()), ("tcp", *here.getsockname()), ("udp", *datagrams.getsockname())}
        assert opened <= listening(family(os.getpid()))
    assert not opened & listening(family(os.getpid()))
