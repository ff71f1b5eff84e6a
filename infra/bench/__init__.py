"""Speed against a named peer in the same run: end to end, and the signal chain alone."""
