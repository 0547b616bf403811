"""How one file becomes a scan: one module a format. Each returns a `Scan`; none decides which files are read."""
