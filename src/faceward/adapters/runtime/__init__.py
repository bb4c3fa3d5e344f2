"""What computes: one module for each library that runs networks."""
