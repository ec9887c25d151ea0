"""From the agents' frames to committed rows: the engine, and the hub's side of the agent link."""
