"""What the measurements say to a number or a finding that was read."""
