"""Findings by small forests over measured features: how likely each of fifteen labels is, from numbers alone."""
