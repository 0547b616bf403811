"""The data flow, one folder a stage: extract, fingerprint, knowledge, mapping, normalize, resolve, unify.

A stage imports only stages to its left. Each has a thin `asset.py` and pure modules beside it that know neither
Dagster nor SQLAlchemy.
"""
