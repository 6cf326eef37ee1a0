"""The parts of the demonstration map: each module invents one kind of record."""
