"""The trusted side: it runs the dataset's test, and trusts nothing that a candidate's process sends."""
