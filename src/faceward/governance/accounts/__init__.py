"""API keys: whose they are, what they open, and until when."""
