"""The heart: what is submitted, how it moves, and the one screen that lists, shows and decides it."""
