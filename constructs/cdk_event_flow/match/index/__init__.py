"""One index a path: given a value, the alternatives that it lets through, as the bits of a number."""
