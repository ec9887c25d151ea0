"""Run the demo: `python examples/demo`, which is what `make demo` does. `--help` lists the options."""

import signal
import sys
from pathlib import Path

if not __package__:  # started by its path: find the package `demo` in the folder above
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    # Ctrl-C while the imports below still run ends the program without a word. `run` takes over from there.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from demo.arguments import parse
from demo.run import run

if __name__ == "__main__":
    sys.exit(run(parse(sys.argv[1:])))
