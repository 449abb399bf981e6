"""Fleets of workers: processes that poll a queue of the run, as many as the template's scaling says."""
