"""Price and promise: every line with its quantity, rate and where both come from; when it can be there."""
