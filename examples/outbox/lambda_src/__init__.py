"""The handlers; a package so that the app can import the events."""
