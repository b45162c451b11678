"""The demo: a feed and accounts, loaded into an empty database."""

from app.operations.demo.load import load

__all__ = ["load"]
