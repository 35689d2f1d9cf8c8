"""The pages of the reference that are made from the code: each module has functions that return a page."""
