"""Studies: a YAML file becomes runs, runs are trained in stacks, finished runs go into a store."""
