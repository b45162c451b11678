"""The feed: one record, three doors, one way in."""
