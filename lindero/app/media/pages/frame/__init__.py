"""What stands round the answers of every page: its head, its language, its order, its address."""
