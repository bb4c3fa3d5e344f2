"""How often the default configuration is wrong: on pairs of people, on crowds, and on whom."""
