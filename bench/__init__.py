"""Speed beside peers, run side by side in one call; never part of the tests."""
