"""The shop's tooling database: what it owns and knows, read from data files and checked before anything is made."""

from tooling_db.shop import load

__all__ = ["load"]
