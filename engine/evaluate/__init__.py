"""How good a model's answers are: published benchmarks, judged and measured grounding, findings in texts, ratings of readers.

Pure functions over files and texts; which command calls them is no concern here.
"""
