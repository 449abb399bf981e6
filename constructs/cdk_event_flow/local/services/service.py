"""What a service of ours is: operations by name, on the engine."""

import re
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

from cdk_event_flow.local.post import RefusedError
from cdk_event_flow.local.wire import Caller, ServiceError

_BATCH_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
Result = Mapping[str, Any]
Operation = Callable[[dict[str, Any], Caller], Result | Awaitable[Result]]


class Service:
    """Answers the operations in `operations`; another one is UnknownOperationException.

    `name` is the signing name of requests, `model` that of botocore's service model, where it is another.
    """

    name = ""
    model_name = ""

    def __init__(self) -> None:
        self.operations: dict[str, Operation] = {}

    @property
    def model(self) -> str:
        """The name of botocore's service model."""
        return self.model_name or self.name

    def knows(self, operation: str, parameters: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """Whether the operation is answered here; of a service that has only state besides, moto answers the rest."""
        return operation in self.operations

    async def handle(self, operation: str, parameters: dict[str, Any], caller: Caller) -> Result:
        """The result of one operation. Raises ServiceError."""
        answer = self.operations.get(operation)
        if answer is None:
            raise ServiceError("UnknownOperationException", f"{self.name}:{operation} is not answered by this run")
        try:
            result = answer(parameters, caller)
            return await result if isawaitable(result) else result
        except RefusedError as refusal:
            raise ServiceError(refusal.code, refusal.message) from None


def batch(entries: list[dict[str, Any]], each: Callable[[dict[str, Any]], Result], *, prefix: str = "") -> dict[str, list[Result]]:
    """The Successful and Failed lists of a batch operation. Raises ServiceError for a batch that is no batch.

    `prefix` stands before SQS's error codes in its older protocol.
    """
    if not entries:
        raise ServiceError(f"{prefix}EmptyBatchRequest", "There should be at least one entry in the request.")
    if len(entries) > 10:
        message = f"Maximum number of entries per request are 10. You have sent {len(entries)}."
        raise ServiceError(f"{prefix}TooManyEntriesInBatchRequest", message)
    ids = [str(entry["Id"]) for entry in entries]
    if not all(_BATCH_ID.fullmatch(each) for each in ids):
        message = (
            "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
        )
        raise ServiceError(f"{prefix}InvalidBatchEntryId", message)
    if len(set(ids)) < len(ids):
        raise ServiceError(f"{prefix}BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.")
    done: list[Result] = []
    failed: list[Result] = []
    for entry in entries:
        try:
            done.append({"Id": entry["Id"], **each(entry)})
        except (ServiceError, RefusedError) as error:
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": error.code, "Message": error.message})
    return {"Successful": done, "Failed": failed}


def paged(
    name: str, all_of_it: list[Any], parameters: Mapping[str, Any], *, most: int, size: str = "MaxItems", token: str = "Marker"
) -> dict[str, Any]:
    """The page of a list that a request asks for: `size` and `token` are the names of its parameters, `most` the longest page.

    The token of the next page is the number of its first item. Raises ServiceError for one that was not given out.
    """
    given = str(parameters.get(token) or "0")
    if not given.isdigit():
        raise ServiceError("InvalidParameterValueException", f"{token} is not one that this run gave out")
    begin, count = int(given), min(int(parameters.get(size) or most), most)
    page: dict[str, Any] = {name: all_of_it[begin : begin + count]}
    if begin + count < len(all_of_it):
        page["NextMarker" if token == "Marker" else token] = str(begin + count)
    return page
