"""What each service makes of an event, one module a service; buses, topics and queues are in `flow.payload`."""
