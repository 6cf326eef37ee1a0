"""
What Lindero's overlaps are measured against: one module a rival, one function a form of it, plain and tuned.

A peer is handed both layers on the equal-area plane and gives its seconds and what it found. Whatever it may keep from
call to call (tables, indexes, territories cut up) it makes before its clock runs.
"""

from bench.peers.duck import duckdb_covers, duckdb_plain, duckdb_two_joins
from bench.peers.frames import overlay, sjoin
from bench.peers.postgis import postgis_covers, postgis_plain, postgis_subdivided
from bench.peers.sedona import sedona_covers, sedona_plain, sedona_two_joins
from bench.peers.trees import clipped, prepared

PEERS = (
    overlay,
    sjoin,
    duckdb_plain,
    duckdb_covers,
    duckdb_two_joins,
    postgis_plain,
    postgis_covers,
    postgis_subdivided,
    sedona_plain,
    sedona_covers,
    sedona_two_joins,
    prepared,
    clipped,
)
