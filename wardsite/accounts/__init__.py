"""Who may act: sign-in, roles, sessions, throttle, audit log."""
