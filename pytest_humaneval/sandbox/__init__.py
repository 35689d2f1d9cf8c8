"""Where candidates are judged, one file each."""
