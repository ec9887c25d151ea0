"""What can stop the demo."""


class DemoError(Exception):
    """The demo cannot go on; the text says why, in a line or with the last lines of a log."""
