"""The user's configuration, read and checked: experiments, strategies, servers, models, settings."""
