"""Revisions in order. They are history: SQL that imports nothing of the package, never changed once released."""
