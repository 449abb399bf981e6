"""SNS filter policies: moto's `FilterPolicyMatcher` beside ours, on messages whose fields have the kind that the policy asks for."""

import json

from moto.sns.utils import FilterPolicyMatcher

from cdk_event_flow.match import FilterPolicy

from . import ABSENT, Wrong, flat, met, operators, opinion, paths

TEXTS = ("eu", "eu-west", "us", "EU", "apac", "Us-East", "b2b", "")
NUMBERS = (0, 1, 5, 5.0, 99.9, 100, 100.1, -3)


def ask_body(policy, event):
    """Both, on a policy in the body's scope."""
    body = json.dumps(event)
    ours, theirs = FilterPolicy(policy, "MessageBody"), FilterPolicyMatcher(policy, "MessageBody")
    return opinion(policy, event, lambda: ours.matches(body), lambda: theirs.matches(None, body), WRONG_ON_BODIES)


def ask_attributes(policy, message):
    """Both, on a policy in the scope of message attributes, of which the message's fields are made."""
    attributes = {name: _attribute(value) for name, value in message.items()}
    ours, theirs = FilterPolicy(policy), FilterPolicyMatcher(policy, None)
    return opinion(policy, message, lambda: ours.matches("", attributes), lambda: theirs.matches(attributes, ""), WRONG_ON_ATTRIBUTES)


def body_at_random(rnd):
    """Both, on a random policy and a message that comes close to it."""
    policy = _level(rnd, [rnd.choice(("kind", "total", "tags"))])
    if rnd.random() < 0.5:
        policy["place"] = _level(rnd, ["city", "zip"])
    elif rnd.random() < 0.2:
        policy["$or"] = [{"size": [_text(rnd)]}, {"weight": [_number(rnd)]}]
    event = _message(rnd, ["kind", "total", "tags", "size", "weight"])
    if rnd.random() < 0.9:
        places = [_message(rnd, ["city", "zip"]) for _ in range(rnd.randint(1, 2))]
        event["place"] = places[0] if rnd.random() < 0.7 else places
    return ask_body(policy, event)


def attributes_at_random(rnd):
    """Both, on a random policy and random attributes."""
    return ask_attributes(_level(rnd, ["kind", "total", "tags"]), _message(rnd, ["kind", "total", "tags"]))


def _level(rnd, names):
    chosen = rnd.sample(names, rnd.randint(1, len(names)))
    return {name: [(_number if name in ("total", "zip") else _text)(rnd) for _ in range(rnd.randint(1, 3))] for name in chosen}


def _text(rnd):
    """A leaf on a text."""
    text, other = rnd.choice(TEXTS[:-1]), rnd.choice(TEXTS[:-1])
    return rnd.choice(
        (
            text, text, text,
            {"prefix": text[:2]}, {"suffix": text[-2:]}, {"equals-ignore-case": text},
            {"anything-but": text}, {"anything-but": [text, other]}, {"anything-but": {"prefix": text[:2]}},
            {"exists": rnd.random() < 0.5},
        )
    )  # fmt: skip


def _number(rnd):
    """A leaf on a number."""
    low, high = sorted(rnd.sample((0, 5, 99.9, 100), 2))
    return rnd.choice(
        (
            rnd.choice(NUMBERS), rnd.choice(NUMBERS),
            {"numeric": [rnd.choice(("=", "<", "<=", ">", ">=")), high]}, {"numeric": [">=", low, "<", high]},
            {"anything-but": [low, high]}, {"anything-but": low},
            {"exists": rnd.random() < 0.5},
        )
    )  # fmt: skip


def _message(rnd, names):
    makes = {"total": NUMBERS, "zip": NUMBERS, "weight": NUMBERS}
    message = {name: rnd.choice(makes.get(name, TEXTS)) for name in names if rnd.random() < 0.85}
    if "tags" in message:
        message["tags"] = rnd.sample(TEXTS, rnd.randint(0, 3))
    return message


def _attribute(value):
    if isinstance(value, list):
        return {"Type": "String.Array", "Value": json.dumps(value)}
    return {"Type": "String", "Value": value} if isinstance(value, str) else {"Type": "Number", "Value": str(value)}


def _in_arrays(names):
    """Whether one of these operators is asked about an array."""

    def holds(policy, message):
        values = flat(message)[0]
        return any(
            isinstance(values.get(path), list) and any(operators(leaf) & names for leaf in leaves) for path, leaves in paths(policy)
        )

    return holds


def _absent(policy, message):
    return any(value is ABSENT and leaf == {"exists": False} for leaf, value in met(policy, message))


def _one_number(policy, message):
    return any("anything-but" in operators(leaf) and type(leaf["anything-but"]) in (int, float) for leaf, _ in met(policy, message))


def _capitals(policy, message):
    cased = [leaf["equals-ignore-case"] for leaf, _ in met(policy, message) if "equals-ignore-case" in operators(leaf)]
    return any(each != each.lower() for each in cased)


def _empty_arrays(policy, message):
    values = flat(message)[0]
    return any(values.get(path) == [] for path, _ in paths(policy))


def _alternatives(policy, message):
    return "$or" in policy


def _objects_in_arrays(policy, message):
    several = [
        name for name, value in message.items() if isinstance(value, list) and sum(isinstance(each, dict) for each in value) > 1
    ]
    return any(isinstance(policy.get(name), dict) and len(policy[name]) > 1 for name in several)


IN_BOTH = (
    Wrong("a field that is absent does not pass `exists: false` behind another leaf", _absent, {"a": ["x", {"exists": False}]}, {}),
    Wrong("`anything-but` of one number is an error", _one_number, {"a": [{"anything-but": 5}]}, {"a": 6}),
    Wrong("`equals-ignore-case` is of small letters only", _capitals, {"a": [{"equals-ignore-case": "EU"}]}, {"a": "eu"}),
    Wrong("an empty array exists, where only leaves do", _empty_arrays, {"a": [{"exists": True}]}, {"a": []}),
    Wrong(
        "of an array no element may be excluded, where one that is not is enough (AWS's documents say the one and the other)",
        _in_arrays({"anything-but"}),
        {"a": [{"anything-but": ["x"]}]},
        {"a": ["x", "y"]},
    ),
)
WRONG_ON_BODIES = (
    *IN_BOTH,
    Wrong(
        "operators on texts are an error on arrays",
        _in_arrays({"prefix", "suffix", "equals-ignore-case"}),
        {"a": [{"prefix": "x"}]},
        {"a": ["xy"]},
    ),
    Wrong(
        "fields of different objects in an array pass together",
        _objects_in_arrays,
        {"a": {"b": ["x"], "c": ["y"]}},
        {"a": [{"b": "x"}, {"c": "y"}]},
    ),
    Wrong("$or is asked of message attributes", _alternatives, {"$or": [{"a": ["x"]}, {"b": ["y"]}]}, {"a": "x"}),
)
WRONG_ON_ATTRIBUTES = (
    *IN_BOTH,
    Wrong(
        "prefixes and suffixes are of single texts only", _in_arrays({"prefix", "suffix"}), {"a": [{"prefix": "x"}]}, {"a": ["xy"]}
    ),
)
