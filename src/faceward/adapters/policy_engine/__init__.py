"""Adapters of the policy engine port."""
