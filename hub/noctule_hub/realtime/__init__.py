"""Socket.IO for browsers and any client: rooms, fan-out of committed rows, ticks of measurements."""
