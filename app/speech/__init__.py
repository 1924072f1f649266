"""Speech providers, by name."""
