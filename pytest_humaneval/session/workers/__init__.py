"""With pytest-xdist: the controller generates the completions, and its workers execute the candidates."""
