"""What is asked of a built map in SQL: registers, the record, outlines, features page by page, ids of before."""
