"""One sync window of one connection: read what the source has, keep it as text, commit it with the cursor.

Judging the shape is `fingerprint`'s work; giving values types and names is `normalize`'s.
"""
