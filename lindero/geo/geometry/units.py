"""Units of length and area, and the smallest overlap that is reported. Importing this module loads no library."""

M_PER_KM = 1_000
M2_PER_HA = 10_000
KM2_PER_HA = 0.01
MIN_HA = 0.01  # smaller overlaps are digitising slivers
