"""Pictures and a page of a finished order: what the programs do, tool by tool, for a person to judge."""
