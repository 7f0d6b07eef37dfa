"""A grid file becomes runs: read, changed, checked, expanded, selected."""
