"""How pages go out: language of the address, headers, health."""
