"""What the trusted and the untrusted side agree on: how a message travels, and what it may hold."""
