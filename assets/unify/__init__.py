"""The views people query: one row an entity, the latest source's word on every field, and where it came from."""
