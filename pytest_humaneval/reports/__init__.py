"""What a run tells, one file each."""
