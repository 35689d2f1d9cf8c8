"""What users write, read and checked: experiments, strategies, servers, models, settings."""
