"""Downloads and exports of rows and layers."""
