"""What endpoints of the repair loop share: records as answers, sample rows, decisions, signed links. No endpoints."""
