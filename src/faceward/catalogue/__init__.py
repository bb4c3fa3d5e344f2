"""Models: what they are, what they may be used for, and how often they are wrong."""
