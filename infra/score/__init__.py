"""Accuracy on annotated recordings, over the streaming path itself: one module for each kind of reference."""
