"""The smallest overlap that is told, by itself: the help of a command names it, and loads no geometry for that."""

MIN_HA = 0.01
