"""Labelled scores and boxes in, how often we are wrong out. Pure: no files, clock or hidden randomness."""
