"""Judge by cases: a candidate must return what the problem's reference returns for the same arguments."""
