"""The code in the candidate's own process: once the candidate runs, it may be made to do anything."""
