"""Proves programs: reads them back, removes material, compares what is left with the design."""
