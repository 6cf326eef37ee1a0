"""What a build stores besides rows: overlaps, totals, cells and exposure."""
