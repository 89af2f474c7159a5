"""The quality desk: what in the database is missing, contradicts itself or has grown old, and how that changes."""
