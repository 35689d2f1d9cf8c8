"""Where completions come from, one file each."""
