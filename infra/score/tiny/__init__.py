"""The recipe of the reference model, what it is worth, and the step that ships it."""
