"""Noctule's hub: stores samples and logs, raises alerts and re-broadcasts everything live."""

__version__ = "0.1.0"
