"""
A gallery for developers: every component of the pages in every state of its content.

`python -m docs.gallery [PORT]` serves it from a separate script that no reader of a map can reach. `python -m
docs.screenshots` takes its pictures, and `tests/browser/test_gallery.py` checks it for defects.
"""
