"""What faceward needs from outside, as protocols with their values."""
