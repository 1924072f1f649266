"""Housekeeping: deadlines of calls, empty rooms, rooms of the dead, revoked keys."""
