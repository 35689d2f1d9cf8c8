"""The pure part: records, errors, configuration, and the stages of a problem that do no input or output."""
