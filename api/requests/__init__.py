"""What happens to every request around its endpoint: trace ids, headers, limits, rates, keys."""
