"""Positions as people, receivers and messengers write them."""
