"""What we know ABOUT the data, in Postgres: one file an aggregate, each with its table, records and repository.

`database.ControlPlane` is the door. No tenant's rows are here (those are in the lake), and no query on these tables is
made anywhere else.
"""
