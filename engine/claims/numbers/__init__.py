"""What each number of a sentence is said of, in which unit and of which leads, and how it is meant."""
