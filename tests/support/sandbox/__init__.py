"""Shared by the tests of the sandbox: namespaces to run attacks in, the attacks, and unusual programs."""
