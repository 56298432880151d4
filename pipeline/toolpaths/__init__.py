"""From plan to machine text: toolpaths and programs."""
