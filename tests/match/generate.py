"""Random patterns, and events that come close to them."""

KEYS = ["a", "b", "c", "a.b", "b.c", "d-x", "$or", "état"]
TEXTS = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "abc",
    "ABC",
    "b",
    "x",
    "xy",
    "x*y",
    "x\\y",
    "*",
    "5",
    "true",
    "null",
    "straße",
    "STRASSE",
    "é",
    "É",
    "ſ",
    "K",
    "K",
    "İ",
    "ǅ",
    "日本",
    "10.0.0.1",
    "10.0.0.17",
    "10.1.0.1",
    "192.168.1.1",
    "::1",
    "0:0:0:0:0:0:0:1",
    "fe80::1",
    "FE80::1",
    "file.png",
    "file.PNG",
    "dir/a/b.png",
    "a.b.c",
]
NUMBERS = [
    0,
    1,
    -1,
    5,
    5.0,
    0.1,
    -0.0,
    99.9,
    100,
    100.1,
    1e3,
    301.8,
    123456789012,
    2**53 - 1,
    2**53,
    2**53 + 1,
    2**63,
    2**64 + 1,
    -(2**63),
    1e300,
]
WILDCARDS = ["*", "a*", "*b", "a*c", "*a*", "*a*b*", "x\\*y", "*\\\\*", "dir/*.png", "*.*", "abc", "", "1*.0.*", "*é", "f*e*g", "*:*"]
NETWORKS = ["10.0.0.0/8", "10.0.0.0/24", "10.0.0.16/28", "10.0.0.5/24", "0.0.0.0/0", "::/0", "fe80::/16", "::1/128", "192.168.1.1/32"]
THRESHOLDS = [0, 1, -1, 5, 5.0, 0.1, 99.9, 100, 100.1, 301.8, 2**53, 1e300]


def text(rnd):
    return rnd.choice(TEXTS)


def scalar(rnd):
    kind = rnd.random()
    if kind < 0.6:
        return text(rnd)
    return rnd.choice(NUMBERS) if kind < 0.85 else rnd.choice([True, False, None])


def several(rnd, make):
    return make(rnd) if rnd.random() < 0.5 else [make(rnd) for _ in range(rnd.randint(1, 3))]


def numeric(rnd):
    low, high = sorted([rnd.choice(THRESHOLDS), rnd.choice(THRESHOLDS)])
    if low == high or rnd.random() < 0.5:
        return [rnd.choice(["<", "<=", ">", ">=", "="]), low]
    return [rnd.choice([">", ">="]), low, rnd.choice(["<", "<="]), high]


def some(rnd, make):
    """A text that is not empty, as `anything-but` wants for prefix and suffix."""
    return make(rnd) or "z"


def leaf(rnd):
    match rnd.randrange(16):
        case 0 | 1 | 2 | 3 | 4:
            return scalar(rnd)
        case 5:
            return {"prefix": text(rnd) if rnd.random() < 0.7 else {"equals-ignore-case": text(rnd)}}
        case 6:
            return {"suffix": text(rnd) if rnd.random() < 0.7 else {"equals-ignore-case": text(rnd)}}
        case 7:
            return {"equals-ignore-case": text(rnd)}
        case 8:
            return {"wildcard": rnd.choice(WILDCARDS)}
        case 9:
            return {"cidr": rnd.choice(NETWORKS)}
        case 10:
            return {"exists": rnd.random() < 0.5}
        case 11:
            return {"numeric": numeric(rnd)}
        case 12:
            return {"anything-but": several(rnd, text)}
        case 13:
            return {"anything-but": several(rnd, lambda r: r.choice(NUMBERS))}
        case 14:
            return {"anything-but": {rnd.choice(["prefix", "suffix"]): several(rnd, lambda r: some(r, text))}}
        case _:
            name = rnd.choice(["equals-ignore-case", "wildcard"])
            return {"anything-but": {name: several(rnd, text if name[0] == "e" else lambda r: r.choice(WILDCARDS))}}


def level(rnd, depth):
    made = {}
    for key in rnd.sample(KEYS, rnd.randint(1, 3)):
        if key == "$or":
            if depth < 2:
                made[key] = [level(rnd, depth + 1) for _ in range(rnd.randint(2, 3))]
        elif depth < 2 and rnd.random() < 0.4:
            made[key] = level(rnd, depth + 1)
        else:
            made[key] = [leaf(rnd) for _ in range(rnd.randint(1, 3))]
    return made or {"a": ["x"]}


def pattern(rnd):
    """A pattern that EventBridge takes."""
    return level(rnd, 0)


def event(rnd, like):
    """An event along the pattern's paths, most of its values near to what is wanted; or a random one."""
    made = along(rnd, like)
    for _ in range(rnd.randint(0, 2)):
        made[rnd.choice(KEYS)] = anything(rnd, 0)
    return made


def along(rnd, like):
    made = {}
    for key, value in like.items():
        if rnd.random() < 0.05:
            continue
        if key == "$or" and isinstance(value[0], dict) and not isinstance(next(iter(value[0].values())), str | bool | int | float):
            for branch in value:
                if rnd.random() < 0.7:
                    made.update(along(rnd, branch))
        elif isinstance(value, dict):
            shape = rnd.random()
            if shape < 0.55:
                made[key] = along(rnd, value)
            elif shape < 0.9:
                made[key] = [along(rnd, value) for _ in range(rnd.randint(1, 3))]
            elif shape < 0.95:
                made[key] = [[along(rnd, value)], along(rnd, value)]
            else:
                made.update({f"{key}.{inner}": each for inner, each in along(rnd, value).items()})
        else:
            near = [close(rnd, rnd.choice(value)) for _ in range(rnd.randint(1, 3))]
            made[key] = near[0] if rnd.random() < 0.7 else near
            if rnd.random() < 0.03:
                made[key] = rnd.choice([[], {}, [[]], {"a": 1}, [near, {"b": 1}]])
    return made


def anything(rnd, depth):
    kind = rnd.random()
    if depth > 2 or kind < 0.5:
        return scalar(rnd)
    if kind < 0.75:
        return {rnd.choice(KEYS): anything(rnd, depth + 1) for _ in range(rnd.randint(0, 3))}
    return [anything(rnd, depth + 1) for _ in range(rnd.randint(0, 3))]


def close(rnd, wanted):
    """A value that the leaf may well pass."""
    if rnd.random() < 0.25:
        return scalar(rnd)
    if not isinstance(wanted, dict):
        return vary(rnd, wanted)
    [(operator, operand)] = wanted.items()
    while isinstance(operand, dict | list) and operand:
        operand = rnd.choice(list(operand.values())) if isinstance(operand, dict) else rnd.choice(operand)
    match operator:
        case "prefix" if isinstance(operand, str):
            return vary(rnd, operand) + rnd.choice(["", "z", "é"])
        case "suffix" if isinstance(operand, str):
            return rnd.choice(["", "z", "é"]) + vary(rnd, operand)
        case "wildcard":
            return operand.replace("\\\\", "\\").replace("\\*", "*").replace("*", rnd.choice(["", "q", "*", "a/b"]))
        case "cidr":
            return rnd.choice([each for each in TEXTS if "." in each or ":" in each])
        case "numeric":
            return rnd.choice(NUMBERS)
    return vary(rnd, operand)


def vary(rnd, value):
    kind = rnd.random()
    if isinstance(value, str):
        if kind < 0.25:
            return rnd.choice([value.upper(), value.lower(), value.title(), value + "z", "z" + value, value[:-1]])
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and kind < 0.3:
        return rnd.choice([float(value), value + 1, value - 0.5, str(value)])
    return value
