"""Completions from a model that runs in this process, by transformers or by vLLM, without a server."""
