"""Orders made together: which share a plate, where their pieces lie, and the folder they are released in."""
