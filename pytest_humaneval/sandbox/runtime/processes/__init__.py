"""Start a candidate's process, measure what it uses, and end it with all its descendants."""
