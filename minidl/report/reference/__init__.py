"""What a paper says: published numbers and claims, as a YAML file."""
