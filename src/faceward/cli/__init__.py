"""Words typed at a prompt in, lines and exit codes out: one module for each verb."""
