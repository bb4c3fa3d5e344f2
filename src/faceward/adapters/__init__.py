"""One folder for each port, one module for each technology; nothing third-party escapes."""
