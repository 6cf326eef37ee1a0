"""The light page: the answer for one place as plain HTML, which a phone loads in seconds, prints and saves."""
