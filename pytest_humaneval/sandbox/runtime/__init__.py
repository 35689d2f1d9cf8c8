"""What runs in the sandbox's own processes: the worker that judges and the child that is judged.

Standard library only. These processes start as bare interpreters (``python -I -S``) that import this folder
as a top-level package, so that nothing of the host program is loaded beside a candidate.
"""
