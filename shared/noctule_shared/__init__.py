"""What crosses the wire between agents, hub and clients, and nothing else."""

__version__ = "0.1.0"
