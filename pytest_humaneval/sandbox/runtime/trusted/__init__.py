"""The side that judges: it runs the dataset's test, and believes nothing that a candidate says."""
