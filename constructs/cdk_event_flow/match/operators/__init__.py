"""One operator a file: what it accepts, what it matches, and how it is said in words."""
