"""Field mappings of the files of each publisher: one module per publisher, one folder per country."""
