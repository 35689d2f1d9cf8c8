"""The code of the sandbox's own processes: the worker that judges, and the process of the candidate.

Standard library only. These processes start as bare interpreters (``python -I -S``) that import this folder
as the top-level package ``runtime``, so that nothing of the host program is loaded beside a candidate.
"""
