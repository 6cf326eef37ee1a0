"""Checks of an installation, a workspace, a map and a served map, with advice on what to do."""
