"""Lets the store's tests import the contract that every backend shares."""

import sys
from pathlib import Path

# Test files are not a package (importlib mode): the contract is found from the repository's root.
ROOT = str(Path(__file__).parents[3])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)
