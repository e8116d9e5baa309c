"""Read the store for the rules: what a service may see on one day."""
