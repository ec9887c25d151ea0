"""Files of other programs read as devices: what they say, in one form, and what in them cannot be used."""
