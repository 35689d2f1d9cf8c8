"""The layers of isolation: namespaces, seccomp, Landlock, privileges, resource limits, scratch folder."""
