"""The pages of the browser: views, forms, charts, tables and maps."""
