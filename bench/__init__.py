"""Speed comparisons with other tools, run side by side in one call. They are not part of the tests."""
