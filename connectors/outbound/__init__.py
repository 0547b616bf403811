"""Which addresses a connector may reach, and clients that reach no other: HTTP, Postgres and MongoDB.

Every name is resolved here, every address checked, and the checked address is the one that is connected to.
"""
