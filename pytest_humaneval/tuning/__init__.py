"""Soft prompts: vectors before a frozen model's prompts, learned from examples (extra ``tuning``).

``python -m pytest_humaneval.tuning train CONFIG.toml`` trains one, and nothing else imports this.
core/config/soft_prompt_card.py says what one is. Source: Lester et al. 2021, arXiv:2104.08691.
"""
