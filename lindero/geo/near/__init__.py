"""Features near a place, on the ground and along rivers."""
