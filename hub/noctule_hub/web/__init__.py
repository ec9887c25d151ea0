"""The dashboard as built files in `static/`, made at install time by hub/hatch_build.py; the status page's style."""
