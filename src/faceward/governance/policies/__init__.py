"""Policy packs, the words their rules may use, and what they would say on another day."""
