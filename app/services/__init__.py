"""The domain: one file per noun; the only code that changes rows."""
