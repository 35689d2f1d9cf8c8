"""Pure functions from judged samples to figures and decisions: pass@k, intervals, comparisons, gates."""
