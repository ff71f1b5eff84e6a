"""Frames in, beats, measurements, triggers and segments out. The only folder that knows Faust."""
