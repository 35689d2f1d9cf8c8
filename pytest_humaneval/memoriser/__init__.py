"""The memoriser: a tiny language model that knows some of HumanEval's answers by heart.

It exists to test this tool with. Its folder ``model`` has the form that transformers and vLLM load; how
it came about, train.py says.
"""
