"""Starting, stopping and watching vLLM servers of the user's own.

A server is described by a ``[servers.NAME]`` table of experiments.toml; its port is that of ``base_url``.
There are two backends with the same commands: ``local``, a process of this machine, and ``compose``, a
container.
"""
