"""What tests of the extraction share: the forms that answers have."""
