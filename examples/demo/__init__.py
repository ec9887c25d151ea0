"""`make demo`: the real programs of Noctule against a simulated network."""
