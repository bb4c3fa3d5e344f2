"""Adapters of the ledger port: where entries are kept."""
