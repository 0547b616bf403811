"""Sources: how records are found and read, one package a kind.

A leaf. Knows nothing of tenants, Dagster, SQLAlchemy or FastAPI; `registry` says which kinds exist.
"""
