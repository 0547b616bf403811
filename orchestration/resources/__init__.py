"""One plain class per external service: settings, lake, events, secrets. No business rules, no Dagster."""
