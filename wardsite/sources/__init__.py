"""The official sources that the centre names."""
