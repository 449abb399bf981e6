"""The reference app's handlers; each folder is one function."""
