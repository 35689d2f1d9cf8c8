"""Training soft prompts: vectors before a frozen model's prompts, learned from examples (extra ``tuning``).

``python -m pytest_humaneval.tuning train CONFIG.toml`` trains one; nothing else imports this package.
core/config/soft_prompt_card.py describes a soft prompt. Source: Lester et al. 2021, arXiv:2104.08691.
"""
