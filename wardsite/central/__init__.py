"""What the parent unit mandates: fetched, verified, kept, and shown to residents and officers."""
