"""Receivers: what devices send by themselves, SNMP traps and informs and syslog, becomes network logs and hints."""
