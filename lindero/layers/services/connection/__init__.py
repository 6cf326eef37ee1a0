"""One host asked, and no other: its address, its connection, its answers as they came."""
