"""Pipes: from one source through a filter and an enrichment to one target, without a function in between."""
