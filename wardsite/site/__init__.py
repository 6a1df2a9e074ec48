"""The front door: home, topic pages, layout, error pages, the officers' dashboard and the site's settings."""
