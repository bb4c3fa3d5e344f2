"""Pixels and arrays in, values out. Pure: no files, clock, randomness or environment."""
