"""Reading published snapshots for requests: open readers, page queries, provenance. Never the live lake."""
