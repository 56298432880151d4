"""Decides how a design is made: features, blank, clampings, operations, tools, speeds."""
