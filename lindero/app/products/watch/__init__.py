"""A run of the watch: what is due is fetched, compared, written and sent, and the operator is told what failed."""
