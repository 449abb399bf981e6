"""For each kind of finding, what is done to the sound template to raise it: id → the resource and the change.

The change is a function of the resource's Properties, or of all resources where the key is `None`.
"""

CASES = {
    "EF101": [("Rule", lambda p: p.update(EventPattern={"source": []}))],
    "EF102": [("Subscription", lambda p: p.update(FilterPolicy={"a": [{"sufix": "x"}]}))],
    "EF103": [("Subscription", lambda p: p.pop("FilterPolicyScope") and p.update(FilterPolicy={"region": ["eu"]}))],
    "EF201": [("Rule", lambda p: p["Targets"][0].pop("DeadLetterConfig"))],
    "EF202": [("Subscription", lambda p: p.pop("RedrivePolicy"))],
    "EF203": [("Queue", lambda p: p.pop("RedrivePolicy"))],
    "EF301": [("Queue", lambda p: p.update(VisibilityTimeout=5))],
    "EF302": [("Queue", lambda p: p.update(VisibilityTimeout=59))],
    "EF401": [("Dead", lambda p: p.update(FifoQueue=True))],
}
