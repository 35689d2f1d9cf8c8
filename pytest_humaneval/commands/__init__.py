"""What runs instead of the suite: each command is a function that returns pytest's exit status."""
