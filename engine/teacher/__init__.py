"""The teacher: simulated 12-lead ECG of which everything is known, to learn from before there are real labels."""
