"""Verification of milling: the stage the line calls, and the judge of other programs."""

from pipeline.verify.milling import verify_milling, verify_other

__all__ = ["verify_milling", "verify_other"]
