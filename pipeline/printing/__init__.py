"""Printing: the plate, the settings, and the slicing engine."""
