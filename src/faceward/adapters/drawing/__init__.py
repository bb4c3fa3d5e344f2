"""Pixels and faces in, annotated pictures out."""
