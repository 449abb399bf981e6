"""Makes the label that brings a returned parcel to its shelf."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.events import ReturnReceived

logger = Logger(service="label")
DEPOTS = {"AT": "Graz", "DE": "Halle", "FR": "Lyon"}


class NoDepot(LookupError):
    """Nobody takes parcels from there."""


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """The label of one parcel. The same parcel again gets the same label."""
    returned = ReturnReceived.model_validate(event).detail
    if returned.country not in DEPOTS:
        raise NoDepot(f"no depot takes parcels from {returned.country}")
    shelf = "repair" if returned.damaged else "stock"
    return {"order_id": returned.order_id, "label": f"{DEPOTS[returned.country]}/{shelf}/{returned.sku}"}
