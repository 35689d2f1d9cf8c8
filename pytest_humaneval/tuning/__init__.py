"""Training of adapters, by PEFT and Accelerate (extra ``tuning``): ``python -m pytest_humaneval.tuning``."""
