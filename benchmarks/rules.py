"""Events and rules for the matching benchmark: orders of a shop, about 770 bytes each, always the same ones."""

import random

TEAMS = ("orders", "payments", "carts", "stock", "shipping", "returns", "users", "email", "search", "pricing", "tax", "audit")
SOURCES = [f"shop.{team}" for team in TEAMS]
KINDS = [
    f"{what} {how}" for what in ("Order", "Payment", "Cart", "Refund", "Invoice") for how in ("Created", "Updated", "Failed", "Done")
]
STATES = ["new", "paid", "picked", "packed", "shipped", "delivered", "returned", "cancelled"]
COUNTRIES = ["US", "DE", "FR", "GB", "ES", "IT", "NL", "SE", "PL", "JP", "BR", "IN", "CA", "AU", "MX"]
TIERS, CHANNELS = ["bronze", "silver", "gold", "platinum"], ["web", "ios", "android", "pos", "api"]
CURRENCIES, CATEGORIES = ["USD", "EUR", "GBP", "JPY"], ["books", "toys", "food", "tools", "music"]
TAGS, METHODS = ["new", "promo", "b2b", "gift", "fragile", "bulk"], ["card", "paypal", "sepa", "klarna", "giftcard"]


def events(count, seed=7):
    """So many events."""
    rnd = random.Random(seed)
    return [_event(rnd, number) for number in range(count)]


def _event(rnd, number):
    customer = {
        "id": f"C{rnd.randrange(10**7):07d}",
        "tier": rnd.choice(TIERS),
        "country": rnd.choice(COUNTRIES),
        "email": f"user{rnd.randrange(10_000)}@{rnd.choice(['example.com', 'mail.test', 'corp.example'])}",
        "vip": rnd.random() < 0.1,
    }
    items = [
        {
            "sku": f"SKU-{rnd.randrange(10**5):05d}",
            "qty": rnd.randint(1, 5),
            "price": round(rnd.random() * 200, 2),
            "category": rnd.choice(CATEGORIES),
        }
        for _ in range(rnd.randint(1, 4))
    ]
    detail = {
        "orderId": f"ORD-{rnd.choice(COUNTRIES)}-{rnd.randrange(10**6):06d}",
        "status": rnd.choice(STATES),
        "total": round(rnd.random() * 1000, 2),
        "currency": rnd.choice(CURRENCIES),
        "channel": rnd.choice(CHANNELS),
        "customer": customer,
        "items": items,
        "payment": {"method": rnd.choice(METHODS), "ip": f"10.{rnd.randrange(4)}.{rnd.randrange(256)}.{rnd.randrange(256)}"},
        "shipping": {
            "method": rnd.choice(["std", "express", "pickup"]),
            "address": {"city": "Berlin", "zip": f"{rnd.randrange(10**5):05d}"},
        },
        "tags": rnd.sample(TAGS, rnd.randint(0, 3)),
        **({"coupon": f"SAVE{rnd.randint(1, 50)}"} if rnd.random() < 0.3 else {}),
    }
    return {
        "version": "0",
        "id": f"{number:08x}-aaaa-7777-4444-{number * 7919:012x}",
        "detail-type": rnd.choice(KINDS),
        "source": rnd.choice(SOURCES),
        "account": "012345679012",
        "time": "2026-03-04T16:24:49Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:dynamodb:eu-west-1:012345679012:table/orders"],
        "detail": detail,
    }


def five_keys(count, seed=8):
    """Rules of five keys, exact values and a range."""
    rnd = random.Random(seed)
    return [_five(rnd) for _ in range(count)]


def _five(rnd):
    country = rnd.sample(COUNTRIES, rnd.randint(1, 4)) if rnd.random() < 0.7 else [{"anything-but": rnd.sample(COUNTRIES, 3)}]
    return {
        "source": [rnd.choice(SOURCES)],
        "detail-type": rnd.sample(KINDS, rnd.randint(1, 2)),
        "detail": {"status": rnd.sample(STATES, rnd.randint(1, 3)), "customer": {"country": country}, "total": _range(rnd)},
    }


def _range(rnd):
    low = round(rnd.random() * 900, 2)
    return [{"numeric": [">=", low, "<", round(low + 100, 2)]}]


def mixed(count, seed=9):
    """Rules of five keys out of fifteen, with all operators."""
    rnd = random.Random(seed)
    return [_mixed(rnd) for _ in range(count)]


def _mixed(rnd):
    pool = {
        "source": [rnd.choice(SOURCES)],
        "detail-type": rnd.choice([rnd.sample(KINDS, 2), [{"prefix": rnd.choice(KINDS).split()[0]}], [{"suffix": "Failed"}]]),
        "detail.status": rnd.choice(
            [rnd.sample(STATES, 2), [{"anything-but": rnd.sample(STATES, 2)}], [{"equals-ignore-case": "PAID"}]]
        ),
        "detail.total": _range(rnd),
        "detail.currency": [rnd.choice(CURRENCIES)],
        "detail.customer.tier": [{"anything-but": rnd.choice(TIERS)}],
        "detail.customer.country": rnd.sample(COUNTRIES, 3),
        "detail.customer.email": rnd.choice([[{"suffix": "@corp.example"}], [{"wildcard": f"user{rnd.randint(1, 99)}*@*.example"}]]),
        "detail.orderId": rnd.choice([[{"prefix": f"ORD-{rnd.choice(COUNTRIES)}-"}], [{"wildcard": f"ORD-*-{rnd.randrange(100)}*"}]]),
        "detail.items.category": [rnd.choice(CATEGORIES)],
        "detail.items.qty": [{"numeric": [">", rnd.randint(1, 4)]}],
        "detail.payment.ip": [{"cidr": f"10.{rnd.randrange(4)}.0.0/16"}],
        "detail.coupon": [{"exists": rnd.random() < 0.5}],
        "detail.tags": [rnd.choice(["promo", "b2b", "gift"])],
        "detail.customer.vip": [True],
    }
    rule = {}
    for path in rnd.sample(sorted(pool), 5):
        level = rule
        *parents, last = path.split(".")
        for parent in parents:
            level = level.setdefault(parent, {})
        level[last] = pool[path]
    return rule
