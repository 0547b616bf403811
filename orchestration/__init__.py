"""Composition of the platform: definitions, jobs, sensors, the command line, and the stack they run on.

The data flow itself is in `assets`; what we know about the data is in `control_plane`.
"""
