"""AWS requests read and answers written from botocore's own service models, with moto's parsers and serializers."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import UnknownServiceError  # type: ignore[import-untyped]
from moto.core.model import OperationModel, StructureShape
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

_CREDENTIAL = re.compile(r"Credential=([^/,\s]*)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_TARGETS = {
    "AmazonSQS": "sqs",
    "AWSEvents": "events",
    "DynamoDB_20120810": "dynamodb",
    "AmazonSSM": "ssm",
    "secretsmanager": "secretsmanager",
    "TrentService": "kms",
    "Kinesis_20131202": "kinesis",
    "Logs_20140328": "logs",
}


class ServiceError(Exception):
    """An error that an AWS service answers: its `code` and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks, as far as the request tells: signing name of the service, region, access key, X-Ray header.

    `request_id` is what the answer names the request by, where it is one of our services.
    """

    service: str
    region: str
    access_key: str
    trace_header: str
    request_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def caller(url: str, headers: Mapping[str, str], *, region: str) -> Caller:
    """Read the SigV4 scope (header or presigned query); without one, the X-Amz-Target tells the service, else S3.

    Signatures are not checked: every key is as good as another here.
    """
    found = _CREDENTIAL.search(headers.get("Authorization", ""))
    if not found and (query := parse_qs(urlsplit(url).query).get("X-Amz-Credential")):
        found = _CREDENTIAL.search(f"Credential={query[0]}")
    target = headers.get("X-Amz-Target", "").partition(".")[0]
    return Caller(
        service=found[3] if found else _TARGETS.get(target, "s3"),
        region=found[2] if found else region,
        access_key=found[1] if found else "",
        trace_header=headers.get("X-Amzn-Trace-Id", ""),
    )


class Exchange:
    """One request to one of our services, and the way to answer it."""

    def __init__(self, service: str, request: Request, request_id: str) -> None:
        """Find the operation. Raises ServiceError when the service has none such."""
        self._model = get_service_model(service)
        self._request = request
        self._request_id = request_id
        self._protocol = determine_request_protocol(self._model, self._request.content_type)
        self._operation: OperationModel = OperationModel({}, self._model)
        try:
            self._operation, self._url_params = get_service_router(service).match(self._request)
        except HTTPException:
            raise ServiceError("UnknownOperationException", f"{service} has no such operation") from None
        self.operation = str(self._operation.name)

    def parameters(self) -> dict[str, Any]:
        """The request's parameters by the names of the service model."""
        request = self._request
        try:
            parsed: dict[str, Any] = PROTOCOL_PARSERS[self._protocol](self._operation).parse(
                {
                    "method": request.method,
                    "values": request.values,
                    "headers": request.headers,
                    "body": request.data,
                    "url_path": request.path,
                    "url_params": self._url_params,
                }
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ServiceError("ValidationException", f"the request cannot be read: {error}") from None
        return parsed

    def answer(self, result: Mapping[str, Any] | Exception) -> Answer:
        """The response for a result, or for an error, as the service's protocol shapes it."""
        answer = _serialized(self._model.service_name, self._protocol, self._operation, result, self._request_id)
        shape = self._operation.output_shape
        if isinstance(result, Mapping) and isinstance(shape, StructureShape):
            for name, member in shape.members.items():
                if member.serialization.get("location") == "statusCode" and name in result:
                    return replace(answer, status=int(result[name]))
        return answer


def error_answer(service: str, headers: Mapping[str, str], error: ServiceError, request_id: str) -> Answer:
    """An error without an operation, in the protocol that the client speaks; as text for an unknown service."""
    try:
        model = get_service_model(service)
    except UnknownServiceError:
        return Answer(status=501, headers={"x-amzn-ErrorType": error.code}, body=error.message.encode())
    protocol = determine_request_protocol(model, headers.get("Content-Type"))
    return _serialized(model.service_name, protocol, OperationModel({}, model), error, request_id)


def _serialized(
    service: str, protocol: str, operation: OperationModel, result: Mapping[str, Any] | Exception, request_id: str
) -> Answer:
    serializer = get_serializer_class(service, protocol)(operation, context=SerializationContext(request_id))
    if isinstance(result, Exception):
        with warnings.catch_warnings():
            # moto warns of an error code that the model lacks; services do use such.
            warnings.simplefilter("ignore")
            response = serializer.serialize(result)
    else:
        response = serializer.serialize(result)
    body = response["body"]
    return Answer(
        status=response["status_code"],
        headers={**response["headers"], "x-amzn-RequestId": request_id},
        body=body.encode() if isinstance(body, str) else body,
    )
