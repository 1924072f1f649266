"""The registrar: leases, commands, replies and replay on a real database and Redis."""
