"""A recording proxy between a client and the daemon: every byte is passed on as it came, and told apart beside the way."""
