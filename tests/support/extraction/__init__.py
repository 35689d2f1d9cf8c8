"""Forms of answers for tests of extraction, and a judge for them."""
