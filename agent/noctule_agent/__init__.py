"""Noctule's agent: polls routers and switches with ICMP and SNMP and streams to the hub."""

__version__ = "0.1.0"
