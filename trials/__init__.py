"""Counted trials: races and kills, many times over, each run judged by `flask check` and by counting."""
