"""The words everyone in the house shares; standard library only."""
