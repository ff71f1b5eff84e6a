"""Training: of the whole model in stages, and of its ECG tower by the teacher. Only `needs` and what reads files import without torch."""
