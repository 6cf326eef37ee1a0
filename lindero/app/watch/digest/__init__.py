"""Digests of a watch: what changed on watched land, in every form in which it is sent."""
