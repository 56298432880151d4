"""Readers turn a program's text back into moves, without a word shared with those who wrote it."""
