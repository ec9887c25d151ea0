"""Lets these tests import the receivers that they share."""

import sys
from pathlib import Path

# Test files are not a package (importlib mode): they are found from the repository's root.
ROOT = str(Path(__file__).parents[3])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)
