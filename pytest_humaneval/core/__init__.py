"""Pure: records, errors and the stages of a problem's life that touch nothing."""
