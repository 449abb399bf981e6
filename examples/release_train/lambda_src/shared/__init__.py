"""What two or more handlers use; bundled with each function."""
