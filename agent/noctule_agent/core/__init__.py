"""The agent's decisions: pure and synchronous, `now` and `rng` are arguments."""
