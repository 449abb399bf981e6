"""The store, and what cdk-monitoring-constructs makes of it."""

import aws_cdk as cdk

from app import store
from store.monitoring import monitor

if __name__ == "__main__":
    app = cdk.App()
    monitor(app, store(app))
    app.synth()
