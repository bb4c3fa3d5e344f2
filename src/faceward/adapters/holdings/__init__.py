"""Adapters of the holdings port: what is kept of people."""
