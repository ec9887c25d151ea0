"""The hub's decisions: pure and synchronous, no I/O, clock, random or logging."""
