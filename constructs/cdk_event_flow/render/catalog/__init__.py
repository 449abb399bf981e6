"""The catalogue of a flow: its events, who publishes and who takes them, as AsyncAPI and as pages."""

from cdk_event_flow.render.catalog.asyncapi import asyncapi
from cdk_event_flow.render.catalog.gather import catalog_of
from cdk_event_flow.render.catalog.pages import pages

__all__ = ["asyncapi", "catalog_of", "pages"]
