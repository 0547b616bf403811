"""Events as they happen: one reader a process over the tenants' streams, and its subscribers."""
