"""Where a request carries what proves who sends it: one header, once, and never the address."""

from fastapi import Request

from api.problems import Unauthenticated

API_KEY_HEADER = "X-API-Key"


def proof_of(request: Request) -> str:
    """The token or API key. Raises Unauthenticated for none, for two, and for other schemes."""
    authorizations = request.headers.getlist("Authorization")
    keys = request.headers.getlist(API_KEY_HEADER)
    if len(authorizations) + len(keys) != 1:
        raise Unauthenticated
    if keys:
        return keys[0]
    scheme, _, proof = authorizations[0].partition(" ")
    if scheme.lower() != "bearer" or not proof:
        raise Unauthenticated
    return proof
