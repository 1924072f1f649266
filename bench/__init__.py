"""The published numbers, measured beside their peers: `python -m bench`."""
