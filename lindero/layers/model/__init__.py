"""The data model of a map: layers, columns, codes, ids, and the parsing of values and dates."""
