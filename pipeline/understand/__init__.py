"""Where an order is understood: free text and explicit values become a family's parameters."""
