"""What AWS Lambda tells of functions, versions, aliases and event source mappings, as the template has them."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from cdk_event_flow.flow.arns import arn_of
from cdk_event_flow.flow.model import Alias, AsyncConfig, EventSourceMapping, Function, Version
from cdk_event_flow.local.engine import Engine
from cdk_event_flow.local.services.service import Operation, Result, paged
from cdk_event_flow.local.wire import Caller, ServiceError

LATEST = "$LATEST"
# When a template's function was made: the run does not know, and an answer without it is not read by every SDK.
_MODIFIED = "2026-01-01T00:00:00.000+0000"


class Reading:
    """The reading operations, by name, for the service that they are a part of."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mappings = {_uuid(mapping): mapping for mapping in engine.all(EventSourceMapping)}
        self.operations: dict[str, Operation] = {
            "GetFunction": self._get_function,
            "GetFunctionConfiguration": self._get_configuration,
            "ListFunctions": self._list_functions,
            "ListVersionsByFunction": self._list_versions,
            "ListAliases": self._list_aliases,
            "GetAlias": self._get_alias,
            "ListEventSourceMappings": self._list_mappings,
            "GetEventSourceMapping": self._get_mapping,
            "GetFunctionConcurrency": self._get_concurrency,
            "GetFunctionEventInvokeConfig": self._get_event_invoke_config,
        }

    def arn(self, parameters: Mapping[str, Any]) -> str:
        """The function, version or alias that a request is about. Raises ServiceError where there is none."""
        name, qualifier = str(parameters["FunctionName"]), parameters.get("Qualifier")
        arn = self._engine.functions.resolve(name, qualifier)
        if arn is not None:
            return arn
        known = self._engine.functions.resolve(name)
        asked = f"{known}:{qualifier}" if known and qualifier else self._arn_of(name)
        raise ServiceError("ResourceNotFoundException", f"Function not found: {asked}")

    def _arn_of(self, name: str) -> str:
        return name if name.startswith("arn:") else arn_of("lambda", f"function:{name}", self._engine.region, self._engine.account)

    def _function(self, parameters: Mapping[str, Any]) -> Function:
        return self._engine.functions.function(self.arn(parameters))

    def _get_configuration(self, parameters: dict[str, Any], _: Caller) -> Result:
        arn = self.arn(parameters)
        return self._configuration(self._engine.functions.function(arn), arn)

    def _get_function(self, parameters: dict[str, Any], _: Caller) -> Result:
        arn = self.arn(parameters)
        function = self._engine.functions.function(arn)
        told: dict[str, Any] = {"Configuration": self._configuration(function, arn)}
        if function.reserved_concurrency is not None:
            told["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
        return told

    def _configuration(self, function: Function, arn: str) -> dict[str, Any]:
        node = next((node for node in self._engine.nodes if node.arn == arn), function)
        if isinstance(node, Alias):
            node = next((each for each in self._engine.all(Version) if each.arn == node.version_arn), node)
        told: dict[str, Any] = {
            "FunctionName": function.name,
            "FunctionArn": arn,
            "Role": function.role_arn,
            "Runtime": function.runtime,
            "Handler": function.handler,
            "Timeout": function.timeout,
            "MemorySize": function.memory,
            "EphemeralStorage": {"Size": function.ephemeral_storage},
            "Architectures": [function.architecture],
            "Environment": {"Variables": dict(function.environment)},
            "TracingConfig": {"Mode": "Active" if function.tracing else "PassThrough"},
            "LoggingConfig": {"LogFormat": function.log_format, "LogGroup": function.log_group or f"/aws/lambda/{function.name}"},
            "PackageType": "Image" if function.code.image else "Zip",
            "LastModified": _MODIFIED,
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Version": node.version if isinstance(node, Version) else LATEST,
        }
        if function.dead_letter_arn:
            told["DeadLetterConfig"] = {"TargetArn": function.dead_letter_arn}
        if function.layers:
            told["Layers"] = [{"Arn": layer} for layer in function.layers]
        return told

    def _list_functions(self, parameters: dict[str, Any], _: Caller) -> Result:
        told = [self._configuration(function, arn) for arn, function in self._engine.functions.by_arn.items()]
        return paged("Functions", told, parameters, most=50)

    def _list_versions(self, parameters: dict[str, Any], _: Caller) -> Result:
        function = self._function(parameters)
        arns = [function.arn, *(version.arn for version in self._engine.all(Version) if version.function_arn == function.arn)]
        return paged("Versions", [self._configuration(function, arn) for arn in arns], parameters, most=50)

    def _aliases(self, parameters: dict[str, Any]) -> list[Alias]:
        function = self._function(parameters)
        return [alias for alias in self._engine.all(Alias) if alias.function_arn == function.arn]

    def _list_aliases(self, parameters: dict[str, Any], _: Caller) -> Result:
        wanted = parameters.get("FunctionVersion")
        aliases = [alias for alias in self._aliases(parameters) if wanted in (None, alias.version_arn.rpartition(":")[2])]
        return paged("Aliases", [_alias(alias) for alias in aliases], parameters, most=50)

    def _get_alias(self, parameters: dict[str, Any], _: Caller) -> Result:
        function = self._function(parameters)
        for alias in self._aliases(parameters):
            if alias.arn == f"{function.arn}:{parameters['Name']}":
                return _alias(alias)
        raise ServiceError("ResourceNotFoundException", f"Cannot find alias arn: {function.arn}:{parameters['Name']}")

    def _list_mappings(self, parameters: dict[str, Any], _: Caller) -> Result:
        function = self._function(parameters).arn if parameters.get("FunctionName") else None
        source = parameters.get("EventSourceArn")
        told = [
            _mapping(mapping, identity)
            for identity, mapping in self._mappings.items()
            if source in (None, mapping.source_arn) and function in (None, ":".join(mapping.function_arn.split(":")[:7]))
        ]
        return paged("EventSourceMappings", told, parameters, most=100)

    def _get_mapping(self, parameters: dict[str, Any], _: Caller) -> Result:
        mapping = self._mappings.get(parameters["UUID"])
        if mapping is None:
            raise ServiceError("ResourceNotFoundException", "The resource you requested does not exist.")
        return _mapping(mapping, parameters["UUID"])

    def _get_concurrency(self, parameters: dict[str, Any], _: Caller) -> Result:
        reserved = self._function(parameters).reserved_concurrency
        return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}

    def _get_event_invoke_config(self, parameters: dict[str, Any], _: Caller) -> Result:
        function, qualifier = self._function(parameters), parameters.get("Qualifier") or LATEST
        for config in self._engine.all(AsyncConfig):
            if (config.function_arn, config.qualifier) == (function.arn, qualifier):
                destinations = {"OnSuccess": config.on_success, "OnFailure": config.on_failure}
                return {
                    "FunctionArn": f"{function.arn}:{qualifier}",
                    "MaximumRetryAttempts": config.retries,
                    "MaximumEventAgeInSeconds": config.max_age,
                    "DestinationConfig": {name: {"Destination": arn} for name, arn in destinations.items() if arn},
                }
        message = f"The function {function.arn}:{qualifier} doesn't have an EventInvokeConfig"
        raise ServiceError("ResourceNotFoundException", message)


def _uuid(mapping: EventSourceMapping) -> str:
    """The id that Lambda would have given, the same in each run."""
    return str(uuid.UUID(bytes=hashlib.sha256(mapping.path.encode()).digest()[:16], version=4))


def _alias(alias: Alias) -> dict[str, Any]:
    told: dict[str, Any] = {
        "AliasArn": alias.arn,
        "Name": alias.arn.rpartition(":")[2],
        "FunctionVersion": alias.version_arn.rpartition(":")[2],
    }
    if alias.weights:
        weights = {arn.rpartition(":")[2]: weight for arn, weight in alias.weights.items()}
        told["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    return told


def _mapping(mapping: EventSourceMapping, identity: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "UUID": identity,
        "EventSourceArn": mapping.source_arn,
        "FunctionArn": mapping.function_arn,
        "State": "Enabled" if mapping.enabled else "Disabled",
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.window,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if mapping.partial_failures else [],
    }
    if mapping.max_concurrency:
        told["ScalingConfig"] = {"MaximumConcurrency": mapping.max_concurrency}
    return told
