"""The public copy: chosen, written, proved."""
