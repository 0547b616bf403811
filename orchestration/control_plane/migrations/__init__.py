"""How the control plane's tables came to be: one numbered Alembic revision a file in `versions/`.

`runner.migrate` applies them.
"""
