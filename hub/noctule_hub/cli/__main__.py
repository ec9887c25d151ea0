"""`python -m noctule_hub.cli`: the command line without its script."""

from noctule_hub.cli import main

main()
