"""`python -m noctule_agent.cli`: the same as `noctule-agent`."""

from noctule_agent.cli import main

main()
