"""Pictures of a flow from any template: SVG, Mermaid text, and JSON for pages; by our own layout, nothing to install."""

from cdk_event_flow.render.mermaid import mermaid
from cdk_event_flow.render.picture import Picture, picture_of
from cdk_event_flow.render.svg import svg

__all__ = ["Picture", "mermaid", "picture_of", "svg"]
