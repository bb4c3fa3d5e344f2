"""Signed statements, kept beside the ledger: who is who, who signed, and what is in force."""
