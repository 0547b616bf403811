"""One file a command of `./autonomos`: reads its options, asks the control plane and the published views, answers.

No command does work of the data flow itself: it requests, waits and reports. Modules import what is heavy inside the
command, since `--help` must not wait for it.
"""
