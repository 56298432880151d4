"""What every family stands on: the contract, guarded solids, and the draft it hands over."""
