"""Runs stages, keeps their results, and tells what happens."""
