"""A shop whose stacks were plain CDK before it met cdk-event-flow."""
