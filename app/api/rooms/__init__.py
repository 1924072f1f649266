"""The rooms dialect."""
