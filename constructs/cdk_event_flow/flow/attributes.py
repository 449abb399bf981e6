"""Message attributes, in the forms that they take on their way: of the API, of SNS, of a record.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

# By name, as the API of SNS and SQS takes them: `DataType` with `StringValue` or `BinaryValue`.
MessageAttributes = Mapping[str, Mapping[str, Any]]


def attributes_of(given: Mapping[str, Any]) -> MessageAttributes:
    """Attributes as the API takes them; plain values are taken as String, Number, or (a list) String.Array."""
    return {name: _of(value) for name, value in given.items()}


def _of(value: Any) -> Mapping[str, Any]:
    match value:
        case Mapping() if "DataType" in value:
            return value
        case bool():
            return {"DataType": "String", "StringValue": json.dumps(value)}
        case int() | float():
            return {"DataType": "Number", "StringValue": str(value)}
        case list() | tuple():
            return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    return {"DataType": "String", "StringValue": str(value)}


def in_sns(attributes: MessageAttributes) -> dict[str, dict[str, Any]]:
    """In the form of SNS envelopes and filter policies: Type and Value, binary values in base64."""
    return {name: {"Type": each["DataType"], "Value": _value(each)} for name, each in attributes.items()}


def in_record(attributes: MessageAttributes) -> dict[str, dict[str, Any]]:
    """As a function behind a queue sees them: keys in lower camel case, binary values in base64."""
    shown: dict[str, dict[str, Any]] = {}
    for name, attribute in attributes.items():
        shown[name] = {"stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}
        shown[name]["binaryValue" if "BinaryValue" in attribute else "stringValue"] = _value(attribute)
    return shown


def _value(attribute: Mapping[str, Any]) -> str:
    if "BinaryValue" in attribute:
        return base64.b64encode(attribute["BinaryValue"]).decode()
    return str(attribute.get("StringValue", ""))
