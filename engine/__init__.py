"""Segment in, interpretation out. Knows neither beds nor alerts."""
