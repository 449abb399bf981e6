import aws_cdk as cdk
from cdk_event_flow import EventBus, EventFlowChecks, PythonFunction

app = cdk.App()
stack = cdk.Stack(app, "Shop")
orders = EventBus(stack, "Orders")
billing = PythonFunction(stack, "Billing", code="billing")
orders.route("Bill", {"source": ["shop"], "detail": {"total": [{"numeric": [">", 0]}]}}, to=billing)
cdk.Validations.of(app).add_plugins(EventFlowChecks())  # what `event-flow check` finds, in every synth too
app.synth()
