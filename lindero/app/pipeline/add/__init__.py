"""What adding a file would do, before it is done."""
