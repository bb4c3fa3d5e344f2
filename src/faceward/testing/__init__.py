"""Doubles and fixtures for tests, ours and other people's; nothing in the product imports them."""
