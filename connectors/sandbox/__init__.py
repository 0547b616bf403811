"""Stand-ins for services: each speaks the real wire protocol on a loopback port, holds state and misbehaves on request.

For tests and the demonstration. Nothing outside this package and the tests imports it at run time of a real source.
"""
