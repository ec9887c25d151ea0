"""The agent's senses: ICMP and SNMP, thin adapters around sockets and libraries."""
