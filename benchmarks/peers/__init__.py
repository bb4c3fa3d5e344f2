"""The peers we are measured against: what they need, and environments of their own for them."""
