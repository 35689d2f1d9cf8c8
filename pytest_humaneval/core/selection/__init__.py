"""Choose among the samples of a problem by what its prompt itself shows, never by its hidden tests."""
