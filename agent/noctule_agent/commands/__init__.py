"""Commands of the hub, carried out by the running agent."""
