"""What the files of each publisher hold: one module a publisher."""
