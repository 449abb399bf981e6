"""What a worker of a fleet runs: a queue's messages, in batches, through the handler that a function would have.

Copied into the worker's image as it is, and started by `python -m event_flow_worker`: nothing but boto3 and the standard
library is imported, and nothing of this package besides.
"""

PACKAGE = "event_flow_worker"
