"""
A gallery for builders: every part that pages are made of, in every state that its content can be in.

`python -m docs.gallery [PORT]` serves it, from a script of its own: no reader of a map can reach it. `python -m
docs.screenshots` takes its pictures, and `tests/browser/test_gallery.py` looks for what is amiss in it.
"""
