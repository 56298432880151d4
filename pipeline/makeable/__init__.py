"""Whether a design is easy to make: the rules of manufacturability, measured on its solids."""
