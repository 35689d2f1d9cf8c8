"""Commands that run instead of the suite: each is a function that returns pytest's exit status."""
