"""What an installation promises, who may sign, and how a charter follows from the one before."""
