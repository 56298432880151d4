"""What a shop gets with the programs: certificate, setup sheets, tool table, instructions."""
