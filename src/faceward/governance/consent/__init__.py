"""What a person agreed to in, how long it holds and what they may ask for out; values alone, no files."""
