"""What lies near a place, along the ground and along rivers."""
