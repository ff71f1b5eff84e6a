"""The published model GEM: its sizes, its files, its prompt, its network."""
