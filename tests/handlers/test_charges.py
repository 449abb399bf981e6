"""What an order costs."""

from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("total", "region", "currency", "amount"),
    [
        ("42.5", "eu", "EUR", "51.00"),
        ("100", "us", "USD", "107.00"),
        ("100", "apac", "USD", "110.00"),
        ("0", "eu", "EUR", "0.00"),
        ("0.05", "apac", "EUR", "0.06"),  # 0.055: half a cent goes up
        ("0.04", "apac", "EUR", "0.04"),  # 0.044
        ("5", "apac", "JPY", "6"),  # 5.5: there is no half a yen
        ("0.1", "eu", "EUR", "0.12"),  # no binary fractions
    ],
)
def test_a_charge_is_the_total_with_tax_in_whole_units(load, total, region, currency, amount):
    charges = load("billing", "charges")
    order = charges.Order.model_validate(
        {
            "order_id": "ORD-1",
            "customer_id": "CUST-1",
            "total": total,
            "currency": currency,
            "region": region,
            "items": [{"sku": "BOOK-1", "quantity": 1, "weight": "0.4"}],
        }
    )
    assert charges.charge(order) == charges.Charge("ORD-1", Decimal(amount), currency)
    assert str(charges.charge(order).amount) == amount


def test_every_region_has_a_tax_and_every_currency_a_smallest_unit(load):
    charges = load("billing", "charges")
    fields = charges.Order.model_json_schema()["properties"]
    assert set(charges.TAX) == set(fields["region"]["enum"])
    assert set(charges.SMALLEST_UNIT) == set(fields["currency"]["enum"])
