"""From judged samples to figures and decisions: pass@k, intervals, comparisons, gates. Pure functions."""
