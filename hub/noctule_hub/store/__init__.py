"""Where the hub keeps what must survive it. Nobody outside this package writes SQL."""
