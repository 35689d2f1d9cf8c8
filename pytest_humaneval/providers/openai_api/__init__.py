"""Completions from servers that speak the OpenAI API, such as vLLM."""
