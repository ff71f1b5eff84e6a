"""From labelled recordings to grounded instructions: labels, measurements, evidence, words, and a file that training reads."""
