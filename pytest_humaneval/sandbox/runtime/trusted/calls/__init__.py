"""Call a candidate and say what each call gave: no verdict, but what candidates can be compared by."""
