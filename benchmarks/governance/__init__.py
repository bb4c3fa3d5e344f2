"""What it costs to ask before, and to be able to prove it afterwards."""
