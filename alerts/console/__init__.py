"""The page that a ward looks at."""
