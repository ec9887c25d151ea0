"""The hub's sentences in other languages than English."""
