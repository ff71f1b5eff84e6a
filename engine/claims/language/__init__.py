"""What stands in a sentence: words, leads, negation, general knowledge, and what no claim may take up."""
