"""The registrar's pump: what goes to the engine and what comes back, in order."""
