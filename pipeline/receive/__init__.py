"""The doors orders come through: a folder, a table, a web shop; all of them end in the queue."""
