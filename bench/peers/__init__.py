"""
Other tools that compute overlaps: one module per tool, one function per variant, plain and tuned.

A variant receives both layers on the equal-area plane and returns its seconds and its areas. Data that it may keep
between calls (tables, indexes, subdivided territories) is built before its clock starts.
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
