"""Requests over HTTP in, gated operations called, replies out: words only, one module for each noun."""
