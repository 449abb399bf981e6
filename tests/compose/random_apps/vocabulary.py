"""The events of random apps, and what patterns and filters ask of them."""

from typing import Literal

from pydantic import BaseModel, Field, create_model

from cdk_event_flow.match import EventPattern


class Item(BaseModel):
    """One line of an order."""

    sku: str
    quantity: int


def event(source, detail_type, **detail):
    """An event model: what its detail holds, by field."""
    inside = create_model(f"{detail_type}Detail", **{name: (kind, ...) for name, kind in detail.items()})
    envelope = {"source": (Literal[source], ...), "detail_type": (Literal[detail_type], Field(alias="detail-type"))}
    return create_model(detail_type, **envelope, detail=(inside, ...))


# In this order: a function publishes only what comes after all that it hears, so that nothing goes round.
EVENTS = (
    event("shop.orders", "OrderSubmitted", order=str, region=Literal["eu", "us", "apac"], total=float, items=list[Item]),
    event("shop.orders", "OrderCancelled", order=str, region=Literal["eu", "us"], note=str | None),
    event("shop.packing", "OrderPacked", order=str, total=float, tags=list[str]),
    event("shop.packing", "PackingFailed", order=str, reason=Literal["too-heavy", "damaged"], note=str | None),
    event("shop.billing", "Paid", order=str, total=float, paid=bool),
)
# What may be asked of a field, whichever event has it.
WANTED = {
    "order": ([{"exists": True}], [{"prefix": "t"}], [{"anything-but": {"prefix": "X-"}}]),
    "region": (["eu"], ["eu", "us"], [{"anything-but": "apac"}], [{"equals-ignore-case": "EU"}], [{"prefix": "e"}, "us"]),
    "total": ([{"numeric": [">", 0]}], [{"numeric": [">=", 1, "<", 100]}], [{"anything-but": 5}], [{"exists": True}]),
    "items": ({"sku": [{"suffix": "t"}]}, {"quantity": [{"numeric": [">", 1]}, 1]}),
    "note": ([{"exists": True}], [None, "text"], [{"anything-but": ["draft", "test"]}]),
    "tags": (["gift", "text"], [{"prefix": "b"}, {"anything-but": "old"}]),
    "reason": (["too-heavy"], [{"suffix": "ed"}], [{"anything-but": ["damaged"]}]),
    "paid": ([True], [True, False]),
}


def kind_of(model):
    """The source and the detail-type of an event model."""
    return tuple(model.model_fields[name].annotation.__args__[0] for name in ("source", "detail_type"))


def names_of(models):
    """The detail-types of these events."""
    return sorted(kind_of(model)[1] for model in models)


def sources_of(models):
    """The sources of these events."""
    return sorted({kind_of(model)[0] for model in models})


def taken(pattern, models):
    """Those events whose envelope a pattern lets through."""
    envelope = {key: value for key, value in pattern.items() if key in ("source", "detail-type")}
    kinds = [(model, *kind_of(model)) for model in models]
    return [m for m, source, name in kinds if EventPattern(envelope).matches({"source": source, "detail-type": name})]


def pattern(rnd, models):
    """A pattern that takes these events, if not all of each, and the fields of the detail that it asks for."""
    names = names_of(models)
    match rnd.choice(("detail-type", "source", "prefix", "detail", "detail", "or", "envelope")):
        case "source":
            return {"source": sources_of(models)}, set()
        case "prefix":
            return {"detail-type": [{"prefix": name[:-1]} for name in names]}, set()
        case "or":
            return {"detail-type": names, "$or": [{"source": ["shop.none"]}, {"source": [{"prefix": "shop."}]}]}, set()
        case "envelope":
            return {"detail-type": names, "replay-name": [{"exists": False}], "time": [{"prefix": "20"}]}, set()
        case "detail" if asked := fields(rnd, models):
            return {"detail-type": names, "detail": asked}, set(asked)
    return {"detail-type": names}, set()


def fields(rnd, models, *, without=()):
    """What to ask of the detail of these events: of one or two fields that all of them have."""
    shared = set.intersection(*(set(model.model_fields["detail"].annotation.model_fields) for model in models))
    names = sorted(shared - set(without))
    return {name: rnd.choice(WANTED[name]) for name in rnd.sample(names, min(len(names), rnd.randint(1, 2)))}


def body_filter(rnd, some, models, asked):
    """A filter policy that takes `some` of the events of a topic, and what `asked` of their fields no pattern did before."""
    kinds = [kind_of(model) for model in some]
    envelope = rnd.choice(
        (
            {"detail-type": names_of(some)},
            {"source": sources_of(some)},
            {"detail-type": [{"prefix": name[:5]} for _, name in kinds], "source": [{"suffix": source[4:]} for source, _ in kinds]},
            {"$or": [{"detail-type": [name], "source": [source]} for source, name in kinds]} if len(kinds) > 1 else {},
            {} if some == models else {"detail-type": [{"anything-but": "Nothing"}]},
        )
    )
    detail = fields(rnd, some, without=asked) if rnd.random() < 0.5 else {}
    return {**envelope, **({"detail": detail} if detail else {})}
