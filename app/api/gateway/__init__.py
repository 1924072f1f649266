"""The gateway dialect: calls, streams, keys."""
