"""A sandbox whose workers are spread over the nodes of a Ray cluster."""
