"""Measured speed and memory; `make bench` prints the table."""
