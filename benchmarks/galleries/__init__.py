"""Galleries of drawn vectors in, what searching and changing them costs out."""
