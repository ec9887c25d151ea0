"""A small network that answers SNMP: two sites, a dozen devices, traffic that moves and things that go wrong."""
