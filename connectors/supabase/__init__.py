"""The `supabase` kind: tables of a Postgres, read through its Data API (PostgREST) or, given a database URL, directly.

`config` what may be set, `tables` what a table is to us, `source` what both ways offer, `rest` and `database` the two
ways (`database` by `transactions` and `copying`), `reading` modes, windows and cursors over either, `connector` the
whole.
"""
