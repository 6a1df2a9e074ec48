"""The life of an instance: made, migrated, served."""
