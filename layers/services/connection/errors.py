"""What can go wrong with a service: never a smaller layer, always a sentence."""

from lindero.layers.errors import SourceError


class ServiceError(SourceError):
    """A service cannot be reached, or does not give what it said that it has."""


class AddressError(ServiceError):
    """A request would have gone where it must not go."""


class NotWholeError(ServiceError):
    """What came of a layer cannot be put together to the whole: reading it must begin anew."""
