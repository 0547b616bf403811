"""Observed schemas and drift. Here: what a stream looks like and how that differs from what was approved.

Not here: deciding what a difference means for a mapping (`mapping`), or reading rows for anything but their shape.
"""
