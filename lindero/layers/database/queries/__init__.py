"""SQL queries on a built map: registers, incidents, rows of snapshots, pages of features, and old ids."""
