"""The four kinds of sources that serve an invented world: files, and the stand-ins of three services."""
