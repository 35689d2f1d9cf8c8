"""Reports of a run: terminal, JSON, HTML, JUnit XML, GitHub Actions, samples file. One file each."""
