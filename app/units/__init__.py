"""The employers and the regions they lie in."""
