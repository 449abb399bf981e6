"""Which box an order goes into. Pure: no AWS, no clock."""

from dataclasses import dataclass
from decimal import Decimal

from shared.events import Item

LIFTABLE = Decimal(25)  # kilograms that one person may lift


@dataclass(frozen=True)
class Box:
    """A box and what it carries, in kilograms."""

    name: str
    carries: Decimal


BOXES = (Box("letter", Decimal("0.5")), Box("small", Decimal(5)), Box("large", LIFTABLE))


class CannotPack(Exception):
    """An item that nobody may lift."""

    def __init__(self, item: Item) -> None:
        super().__init__(f"{item.sku} weighs {item.weight} kg, at most {LIFTABLE} kg can be packed")
        self.item = item


def boxes_for(items: list[Item]) -> list[str]:
    """The boxes for these items, first fit by weight, heaviest piece first."""
    pieces = sorted((item for item in items for _ in range(item.quantity)), key=lambda item: -item.weight)
    loads: list[Decimal] = []
    for piece in pieces:
        if piece.weight > LIFTABLE:
            raise CannotPack(piece)
        fitting = next((n for n, load in enumerate(loads) if load + piece.weight <= LIFTABLE), None)
        if fitting is None:
            loads.append(piece.weight)
        else:
            loads[fitting] += piece.weight
    return [next(box.name for box in BOXES if load <= box.carries) for load in loads]
