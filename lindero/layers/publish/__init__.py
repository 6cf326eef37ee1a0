"""What may be published, and how a publication is searched for leaks."""
