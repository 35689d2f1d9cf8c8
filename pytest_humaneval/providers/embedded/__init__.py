"""Completions from a model in this very process: transformers, or vLLM without a server."""
