"""Who is told of alerts, by what way, when, and again when."""
