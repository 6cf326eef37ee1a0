"""The time and the date where this machine stands: in Lima it is still today when a new day begins in UTC."""

import datetime as dt


def local_now() -> dt.datetime:
    """Return the time, with the time zone of this machine."""
    return dt.datetime.now(dt.UTC).astimezone()


def local_today() -> dt.date:
    """Return the date in the time zone of this machine."""
    return local_now().date()
