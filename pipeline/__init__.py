"""The line: one room per stage, in the order an order passes through them."""
