"""Many orders at once: one process a core, and one bad order never stops the rest."""
