"""The floor: real minutes, tool minutes, scrap and measurements come back, and estimates learn from them."""
