"""A MongoDB stand-in: the wire protocol, logins, reads and change streams over documents kept as raw BSON."""
