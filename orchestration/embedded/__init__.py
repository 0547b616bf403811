"""The servers and processes of one installation: how each is started, watched and stopped.

Holds no business of the platform: what the processes do is theirs. Reading order: `processes` (what there is),
`supervisor` (keeps it running), `stack` (what commands call).
"""
