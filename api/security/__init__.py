"""Who is asking and what they may do: tokens, keys, roles, throttling. No endpoints here."""
