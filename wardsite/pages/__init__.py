"""About and contact."""
