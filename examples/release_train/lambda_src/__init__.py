"""The handlers of the example; each folder is one function."""
