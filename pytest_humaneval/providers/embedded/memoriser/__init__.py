"""The memoriser: a tiny language model that has memorised some of HumanEval's answers.

It exists to test this tool: its scores are known in advance. Its folder ``model`` has the form that
transformers and vLLM load; train.py has trained it.
"""
