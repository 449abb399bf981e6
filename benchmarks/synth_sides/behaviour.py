"""What a consumer of a side does, read from its template: the sides are compared with all that one has and another has not."""

import json


def behaviour(template):
    """By what is asked, in words; of a stack of one consumer."""
    found = _Resources(template["Resources"])
    (mapping,), (function,) = found.all("Lambda::EventSourceMapping"), found.all("Lambda::Function")
    (subscription,), (topic,) = found.all("SNS::Subscription"), found.all("SNS::Topic")
    work = found.at(mapping["EventSourceArn"])
    letters = found.at(work.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
    logs = found.all("Logs::LogGroup")
    return {
        "queue and its dead letters encrypted": " and ".join(sorted({_key(queue, "KmsMasterKeyId") for queue in (work, letters)})),
        "topic encrypted": _key(topic, "KmsMasterKeyId"),
        "variables of the function encrypted": _key(function, "KmsKeyArn"),
        "own log group": ", ".join(f"{log.get('RetentionInDays', 'for ever')} days, {_key(log, 'KmsKeyId')}" for log in logs) or "no",
        "TLS only": _listed({"queues": found.refuses_plain("SQS::QueuePolicy"), "topic": found.refuses_plain("SNS::TopicPolicy")}),
        "dead letters": _listed({
            "of the queue": bool(letters),
            "of the subscription": "RedrivePolicy" in subscription,
            "of asynchronous invokes": "DeadLetterConfig" in function or bool(found.all("Lambda::EventInvokeConfig")),
        }),
        "receives until then": str(work.get("RedrivePolicy", {}).get("maxReceiveCount", "")),
        "hidden while it is worked on": f"{work.get('VisibilityTimeout', 30) / function['Timeout']:.0f} timeouts",
        "filter": found.filtered(subscription),
        "single failed records": _yes("ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", ())),
        "version and alias": _yes(found.all("Lambda::Alias")),
        "triggers the alias": _yes(found.kind(mapping["FunctionName"]) == "Lambda::Alias"),
        "traces": function.get("TracingConfig", {}).get("Mode", "no").lower(),
        "logs as JSON": _yes(function.get("LoggingConfig", {}).get("LogFormat") == "JSON"),
        "deliveries of the topic logged": _yes("DeliveryStatusLogging" in topic),
        "stops when it calls itself": function.get("RecursiveLoop", "as Lambda does").lower(),
        "alarms on": _listed(dict.fromkeys(sorted(found.alarmed()), True)),
        "dashboard": _yes(found.all("CloudWatch::Dashboard")),
        "saved queries": _yes(found.all("Logs::QueryDefinition")),
        "alarms in a stack of one": str(len(found.all("CloudWatch::Alarm"))),
    }  # fmt: skip


class _Resources:
    def __init__(self, resources):
        self._resources = resources

    def all(self, kind):
        """The properties of all resources of a type."""
        return [each.get("Properties", {}) for each in self._resources.values() if each["Type"] == f"AWS::{kind}"]

    def at(self, reference):
        """The properties of the resource that is referred to; none for none."""
        return self._resources[self._name(reference)].get("Properties", {}) if reference else {}

    def kind(self, reference):
        """The type of the resource that is referred to."""
        return self._resources[self._name(reference)]["Type"].removeprefix("AWS::")

    def _name(self, reference):
        """The resource that is named anywhere in it: an alias is also referred to by parts of its ARN."""
        return next(name for name in _strings(reference) if name in self._resources)

    def filtered(self, subscription):
        """What of a message the filter of the subscription reads."""
        if "FilterPolicy" not in subscription:
            return "no"
        return "on the body" if subscription.get("FilterPolicyScope") == "MessageBody" else "on attributes"

    def refuses_plain(self, kind):
        """Whether there are such policies, and each denies what does not come by TLS."""
        texts = [json.dumps(each) for each in self.all(kind)]
        return bool(texts) and all('"aws:SecureTransport": "false"' in text for text in texts)

    def alarmed(self):
        """The metrics that alarms look at, by themselves or in an expression."""
        for alarm in self.all("CloudWatch::Alarm"):
            yield from {alarm["MetricName"]} if "MetricName" in alarm else set()
            yield from (each["MetricStat"]["Metric"]["MetricName"] for each in alarm.get("Metrics", ()) if "MetricStat" in each)


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _key(properties, name):
    key = properties.get(name)
    if key is None:
        return "by AWS" if properties.get("SqsManagedSseEnabled", True) else "no"
    return "by AWS's key" if "alias/aws" in json.dumps(key) else "by an own key"


def _listed(parts):
    return ", ".join(name for name, has in parts.items() if has) or "no"


def _yes(value):
    return "yes" if value else "no"
