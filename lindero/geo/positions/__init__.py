"""Positions in the notations of people, GPS receivers and messengers."""
