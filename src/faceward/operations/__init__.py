"""What the product does, one module for each thing; every function takes a permit first."""
