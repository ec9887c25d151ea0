"""What the API answers, as structs that the command line reads too: light to import, without secrets. No logic."""
