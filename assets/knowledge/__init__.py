"""What the tenant's own decisions teach: which source field meant what. Documents join it with the knowledge pages."""
