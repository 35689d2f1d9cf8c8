"""Starting, stopping and watching a vLLM server of one's own.

What is started stands in a ``[servers.NAME]`` table of experiments.toml; its port is that of ``base_url``.
There are two ways, which offer the same: ``local``, a process of this machine, and ``compose``, a container.
"""
