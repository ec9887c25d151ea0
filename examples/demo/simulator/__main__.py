"""Run the simulated network: `python examples/demo/simulator`. Its map is the first line on stdout, as JSON.

It reads lines on stdin: `begin` or `begin SECONDS` starts the script, `silence DEVICE...` has just these fall silent,
and the end of the input ends the program.
"""

import asyncio
import sys
from pathlib import Path

if not __package__:  # started by its path: find the package `demo` beside it
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from demo.simulator.simulation import main

if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
