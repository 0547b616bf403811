"""From open drift to a repaired mapping. Here: drafting repairs, trying, recording, watching and taking them back.

Order: `situation` reads what is decided by, `repair` and `composing` draft, `repairing` plans with a shadow run and its
`verdict`, `recording` writes, `watching` looks at the syncs after; `deciding` is what people do. The gate is
`mapping.policy`; seeing drift is `fingerprint`, carrying a mapping out `normalize`.
"""
