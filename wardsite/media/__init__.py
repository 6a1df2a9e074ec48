"""Pictures: decoded, made anew without location data, served from this host."""
