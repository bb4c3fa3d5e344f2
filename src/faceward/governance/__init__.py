"""The wing that every request walks through: who asks, what for, what speaks against it, who approved."""
