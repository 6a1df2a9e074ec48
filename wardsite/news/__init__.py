"""News of the unit: posts in categories."""
