"""cdk-event-flow: compose, prove, run and operate event-driven stacks."""
