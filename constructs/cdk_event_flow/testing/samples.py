"""Sample events."""

from typing import Any

from cdk_event_flow.flow import Contract


def sample(model: Any, **overrides: Any) -> dict[str, Any]:
    """A whole event as `model` (a pydantic model with literal `source` and `detail-type`) declares it.

    `overrides` go to the detail's fields of these names. The event has been parsed by the model, so a handler that
    parses with it takes it. Raises EventError (EF-CONTRACT, EF-SAMPLE), and pydantic's ValidationError for a value that
    the model refuses.
    """
    event = Contract.from_model(model).sample(**overrides)
    model.model_validate(event)
    return event
