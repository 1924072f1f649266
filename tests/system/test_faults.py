"""Faults on the running product: killed processes, lost Redis, clients that vanish."""
