"""
The database of tests works in one thread, wherever it is asked: its answers cost a tenth less of the processor.

What a test asks it of fits into one group of rows (122,880), which it gives to one thread anyway. Builds set their own.
"""

from lindero.layers.database import map_database

map_database._OFFLINE["threads"] = 1
