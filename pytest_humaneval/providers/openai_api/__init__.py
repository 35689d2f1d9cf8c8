"""Completions from servers that speak the OpenAI API: vLLM, and whatever is like it."""
