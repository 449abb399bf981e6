"""What `make compatibility` tries the package with; see run_compatibility.py."""
