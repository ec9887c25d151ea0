"""What is alerted, and what keeps it from ringing: rules, the state machine, and everything that is beside it."""
