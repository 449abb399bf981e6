"""What may be written after `--fault`, and what each mistake is told."""

import pytest

from cdk_event_flow.errors import RunError
from cdk_event_flow.local.clock import Clock
from cdk_event_flow.local.faults import FaultRule, Faults, faults_of, read_faults

from .. import world as w


@pytest.mark.parametrize(
    ("spelt", "function", "faults"),
    [
        ("errors=10%", None, {"errors": 0.1}),
        ("errors=0%", None, {"errors": 0.0}),
        (" errors = 2.5% , kills=1% ", None, {"errors": 0.025, "kills": 0.01}),
        ("timeouts=2%,throttles=5%,duplicates=100%", None, {"timeouts": 0.02, "throttles": 0.05, "duplicates": 1.0}),
        ("slow=200ms", None, {"slow": 0.2}),
        ("slow=1.5s", None, {"slow": 1.5}),
        ("slow=2m", None, {"slow": 120.0}),
        ("Billing:errors=10%,slow=1s", "Billing", {"errors": 0.1, "slow": 1.0}),
        ("Shop/Billing:kills=100%", "Shop/Billing", {"kills": 1.0}),
    ],
)
def test_faults_are_read(spelt, function, faults):
    assert read_faults([spelt]) == (FaultRule(spelt, function, pytest.approx(faults)),)


@pytest.mark.parametrize(
    ("spelt", "told"),
    [
        ("", "nothing is no fault.*the faults are throttles, errors, timeouts, kills, duplicates, slow.*for example errors=10%"),
        ("errors", "errors is no fault.*did you mean errors=10%"),
        ("error=10%", "error=10% is no fault.*did you mean errors=10%"),
        ("slowly=1s", "did you mean slow=200ms"),
        ("errors=10%,", "nothing is no fault"),
        ("errors=", "errors is nothing, a percentage from 0% to 100%"),
        ("errors=0.1", "errors is 0.1, a percentage from 0% to 100%; for example errors=10%"),
        ("errors=-1%", "errors is -1%"),
        ("errors=101%", "errors is 101%"),
        ("errors=nan%", "errors is nan%"),
        ("slow=200", "slow is 200, a time in ms, s or m; for example slow=200ms"),
        ("slow=10%", "slow is 10%"),
        ("errors=1%,errors=2%", "errors is given twice"),
        ("errors=60%,timeouts=41%", "throttles, errors, timeouts, kills come to 101% together.*at most 100%"),
        (":errors=1%", "no name stands before the colon"),
        ("errors=5%,Billing:errors=10%", "give two: --fault errors=5% --fault Billing:errors=10%"),
    ],
)
def test_a_mistake_is_one_clear_error(spelt, told):
    with pytest.raises(RunError, match=told) as raised:
        read_faults([spelt])
    assert raised.value.code == "EF-FAULT"
    assert len(str(raised.value).splitlines()) == 1


def test_a_rule_for_one_function_stands_over_a_rule_for_all_wherever_it_is_written():
    billing, packing = w.function("Billing"), w.function("Packing")
    rules = read_faults(["Billing:errors=50%", "errors=10%,kills=1%"])
    assert faults_of(rules, [billing, packing]) == {
        billing.arn: {"errors": 0.5, "kills": 0.01},
        packing.arn: {"errors": 0.1, "kills": 0.01},
    }


@pytest.mark.parametrize("name", ["Billing", "Shop/Billing"])
def test_a_function_is_named_as_it_is_shown_or_by_its_path(name):
    billing = w.function("Billing")
    assert faults_of(read_faults([f"{name}:errors=5%"]), [billing])[billing.arn] == {"errors": 0.05}


def test_a_function_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(RunError, match="there is no function Bill, the functions are Billing, Packing"):
        Faults(read_faults(["Bill:errors=5%"]), [w.function("Billing"), w.function("Packing")], clock=Clock(), seed=0)


def test_rates_that_come_to_too_much_for_one_function_only_are_refused():
    rules = read_faults(["errors=60%", "Billing:kills=60%"])
    with pytest.raises(RunError, match="--fault for Billing: .* come to 120% together"):
        faults_of(rules, [w.function("Billing")])
