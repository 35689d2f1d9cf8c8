"""The code in the candidate's own process: once the candidate runs, it can make this code do anything."""
