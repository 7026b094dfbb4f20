"""Transactions, the journal, and going on after a restart."""
