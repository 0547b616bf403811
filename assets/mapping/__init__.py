"""Which source field fills which canonical field. Here: aliases and vocabulary (data), candidates, policy, rules.

Order: `names` and `aliases` read a stream's names, `entity` says what its records are, `candidates` ranks targets for
each field, `matching` those of fields no name settles, `assignment` gives each target one field, `proposal` puts it
together, `policy` decides what is applied; `repairs` is what happens when a mapped source changes.
Not here: turning rules into SQL (`normalize`), drift (`fingerprint`).
"""
