"""Measurements anyone can repeat: how fast, how often wrong, how steady. The product imports none of it."""
