"""The REST API in, a process that serves it out: application, limits, what is observed, and how it runs."""
