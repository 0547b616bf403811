"""A stand-in for Supabase: PostgREST's protocol in front of a real Postgres, and that Postgres for direct logins.

`store` makes the database and changes it, `tokens` keys, `parsing` requests into SQL, `description` the OpenAPI root,
`endpoints` HTTP and faults, `sandbox` the whole.
"""
