"""Measurements of the platform, each beside a baseline taken in the same run. `./autonomos bench` prints them.

Every bench works in a home of its own with servers of its own, and leaves the tenants of this installation alone.
"""
