"""What keeps a candidate in: namespaces, seccomp, Landlock, privileges, resource limits, its folder."""
