"""The map that this process serves, and its layers and answers, kept as long as it is the current one."""
