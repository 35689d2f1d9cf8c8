"""How a candidate's process is started, watched and ended with all its offspring."""
