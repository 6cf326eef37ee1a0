"""The parts of the demonstration map. Each module invents one kind of record."""
