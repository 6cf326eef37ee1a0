"""Web services that provide layers.

They are only contacted at the user's request, and never by a process that serves pages.
"""
