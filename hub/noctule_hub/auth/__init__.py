"""Sign-in: keys, passwords, tokens, and who may do what."""
