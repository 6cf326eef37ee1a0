"""Errors about files, workspaces, services and the database, with messages that can be translated.

Each error has an English template and parameters; `str()` is the English sentence. `app.media.pages.error_message`
returns it in the reader's language, with advice.
"""

import re


def N_(text: str) -> str:  # noqa: N802  gettext's customary name for "translate this later"
    """Mark a text for extraction to the translation catalogue, and return it unchanged."""
    return text


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST = 2_000


def make_printable(value: object) -> object:
    """Replace control and text-direction characters in a text, and limit its length.

    Returns: the text with at most 2000 characters; each run of such characters becomes one U+FFFD. Other values are
    unchanged.
    """
    return _UNPRINTABLE.sub("\ufffd", value)[:_LONGEST] if isinstance(value, str) else value


class LayerError(Exception):
    """Base class of all errors that `layers` raises on purpose; `app.media.pages.error_message` explains each kind."""

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = {
            name: make_printable(value if isinstance(value, int) else str(value)) for name, value in params.items()
        }
        super().__init__(template.format(**self.params))


class WorkspaceError(LayerError):
    """The folder is not a workspace, or its lindero.toml cannot be used."""


class ManifestError(WorkspaceError):
    """A changed lindero.toml does not read back with the intended values; the old file stays."""


class UnreadableManifestError(WorkspaceError):
    """The file lindero.toml of a workspace is not TOML, or contains invalid values."""


class NewerError(LayerError):
    """A file was written by a newer version of Lindero, in a format that this version does not know."""


class EntryError(WorkspaceError):
    """An id does not exist in the workspace, or exists already."""


class WithdrawalsError(WorkspaceError):
    """The register of withdrawn records is damaged, or cannot be read."""


class OutsideError(WorkspaceError):
    """A file in a workspace is a link that leads out of it."""


class SourceError(LayerError):
    """A received file cannot be read or mapped as it stands."""


class GoneError(SourceError):
    """A received file that the workspace stores is missing or was changed."""


class ConsentError(SourceError):
    """A record resembles one with withdrawn consent; a person must decide whether it is the same record."""


class DamagedError(SourceError):
    """A received file is cut off, damaged, or not of the type that it claims."""


class RefusalError(SourceError):
    """A received file is a web page or an error message of a server, not data."""


class CRSError(SourceError):
    """A file's coordinates and its coordinate reference system do not match."""


class MappingError(SourceError):
    """No field mapping is known or given for a file."""


class AnswerError(LayerError):
    """The requested answer does not exist, or cannot be written to its destination."""


class TooLongError(LayerError):
    """A query was interrupted because it ran for too long."""


class NotBuiltError(LayerError):
    """The workspace has no map yet, or the layer is not in it."""


class NotStoredError(NotBuiltError):
    """A build does not store these overlaps."""


class DamagedMapError(NotBuiltError):
    """The built map is missing from the disk, or is damaged."""


class WatchError(LayerError):
    """The file watches.toml contains an invalid value, or no such watch."""


class SendError(LayerError):
    """A message could not be sent, and nothing arrived."""


class NotReachedError(SendError):
    """The server of a channel could not be reached, as without a network."""


class UnsureError(SendError):
    """Sending a message failed at a moment after which it may have arrived."""


class BackupError(LayerError):
    """A backup cannot be written to its destination, is damaged, or is not a backup."""


class MachineError(LayerError):
    """The machine lacks disk space, write permission or memory."""


class BuildError(LayerError):
    """A build failed its own checks; the last valid map stays."""


class BusyError(BuildError):
    """Another process is changing the same folder."""


class ClusterError(LayerError):
    """The machines of the cluster are missing, do not match, or failed."""


class VaultError(LayerError):
    """The vault does not exist, already exists, or is not in the state in which it was left."""


class JournalError(VaultError):
    """The journal cannot be written, or does not exist."""


class WrongKeyError(VaultError):
    """The key does not open the vault; nothing was changed."""


class KeyNotGivenError(VaultError):
    """No key was given, or the given key cannot be used."""


class PublishError(LayerError):
    """Nothing was published: the folder or the map does not allow it."""


class ServiceError(SourceError):
    """A service cannot be reached, or does not provide what it announced."""


class AddressError(ServiceError):
    """A request would have gone to an address that is not allowed."""


class UnreachableError(ServiceError):
    """A service was not found, did not answer in time, or failed on its own side."""


class ClosedError(ServiceError):
    """A service no longer has the layer."""


class ClockError(LayerError):
    """The clock of this computer is earlier than what it has already recorded, or than a server's clock."""


class NotWholeError(ServiceError):
    """The received parts of a layer cannot be combined into a complete layer; the download must start again."""
