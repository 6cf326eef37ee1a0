"""
A query for engines that prepare geometries only in joins.

One join finds covered pairs, another one the rest.
"""

TWO_JOINS = """
    WITH covered AS (
        SELECT l.id AS left_id, r.id AS right_id, ST_Area(l.{g}) AS m2
        FROM l JOIN r ON ST_Covers(r.{g}, l.{g})
    ),
    met AS (
        SELECT l.id AS left_id, r.id AS right_id, l.{g} AS one, r.{g} AS other
        FROM l JOIN r ON ST_Intersects(l.{g}, r.{g})
    )
    SELECT m2 FROM covered
    UNION ALL
    SELECT ST_Area(ST_Intersection(one, other)) AS m2 FROM met
    WHERE NOT EXISTS (SELECT 1 FROM covered c WHERE c.left_id = met.left_id AND c.right_id = met.right_id)
"""
