"""What both command lines say of a file with a secret that others can read; they read on all the same."""

import shlex
import stat
from pathlib import Path
from typing import Final

# What a shell hands over is nobody's file: standard input, and what `<(command)` stands for.
_HANDED_OVER: Final = ("/dev/", "/proc/")
_OTHERS_READ: Final = stat.S_IRGRP | stat.S_IROTH


def exposure_of(file: str | Path) -> str | None:
    """Return what to tell whoever named a secret's file that group or others can read, None: nothing, or no file."""
    path = Path(file)
    if str(path).startswith(_HANDED_OVER):
        return None
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(mode) or not mode & _OTHERS_READ:
        return None
    fix = f"chmod 600 {shlex.quote(str(path))}"
    return f"{path}: mode {stat.S_IMODE(mode):03o} lets others read the secret in it; close it with: {fix}"
