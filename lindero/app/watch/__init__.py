"""What runs on a schedule: collect, compare, compose and send."""
