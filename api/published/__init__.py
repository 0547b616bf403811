"""What was published, read for callers: open snapshots, pages, rows with their origins, exports. No endpoints here."""
