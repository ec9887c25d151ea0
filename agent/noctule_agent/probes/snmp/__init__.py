"""SNMP: one session interface, two backends, and what is read through it."""
