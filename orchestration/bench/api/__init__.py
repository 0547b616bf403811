"""`bench api`: the served application under load, beside a bare FastAPI application on the same machine."""
