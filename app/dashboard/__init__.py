"""The dashboard: one file per page."""
