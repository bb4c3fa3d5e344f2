"""Photos in, faces and templates out: the core and its ports at work."""
