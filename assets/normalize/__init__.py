"""Raw rows become canonical rows: the canonical model, the reading of texts, and mappings compiled to SQL.

Which source field fills which target is decided in `mapping`; joining records of several sources is `resolve`.
"""
