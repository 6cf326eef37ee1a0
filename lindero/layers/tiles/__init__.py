"""Vector tiles of the map's layers."""
