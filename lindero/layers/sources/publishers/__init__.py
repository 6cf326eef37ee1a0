"""What the files of each publisher hold: one module a publisher, a folder for the institutions of one country."""
