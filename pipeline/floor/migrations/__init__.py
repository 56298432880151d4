"""The forms the state database has had, one after another."""
