"""What else emits events, and how a function consumes it: event source mappings."""
