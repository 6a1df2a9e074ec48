"""The front door: home, topic pages, layout, error pages, dashboard, the site's settings."""
