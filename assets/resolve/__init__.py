"""The same customer in two systems: which canonical records are one entity, under ids that stay.

Choosing values among the records of an entity is `unify`'s work.
"""
