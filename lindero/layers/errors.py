"""
What can go wrong with files, workspaces, services and the database, said so that it can be translated.

Each error holds an English template and its parameters; `str()` is the English sentence, `app.ui.error_message`
gives it in the reader's language with advice on what to do.
"""

import re


def N_(text: str) -> str:  # noqa: N802  gettext's customary name for "translate this later"
    """Mark `text` for extraction to the translation catalogue; returns it unchanged."""
    return text


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_LONGEST = 2_000


def printable(value: object) -> object:
    """Give text without what steers a terminal or turns letters round, and not endless; anything else as it is."""
    return _UNPRINTABLE.sub("\ufffd", value)[:_LONGEST] if isinstance(value, str) else value


class LayerError(Exception):
    """Base of every error that `layers` raises on purpose; app.ui.error_message can explain each kind."""

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params = {
            name: printable(value if isinstance(value, int) else str(value)) for name, value in params.items()
        }
        super().__init__(template.format(**self.params))


class WorkspaceError(LayerError):
    """The folder is no workspace, or its lindero.toml cannot be used."""


class ManifestError(WorkspaceError):
    """A changed lindero.toml does not read back as what was meant; the old one stays."""


class UnreadableManifestError(WorkspaceError):
    """The file lindero.toml of a workspace is not TOML."""


class NewerError(LayerError):
    """A newer version of Lindero wrote it, in a form that this one does not know."""


class OutsideError(WorkspaceError):
    """Something in a workspace is a link that leads out of it."""


class SourceError(LayerError):
    """A received file cannot be read or mapped as it stands."""


class GoneError(SourceError):
    """What a workspace keeps as it was received is gone, or is not that any more."""


class ConsentError(SourceError):
    """Something is like a record whose consent was withdrawn: somebody is to say whether it is that record."""


class DamagedError(SourceError):
    """A received file is cut off, damaged, or not what it says that it is."""


class CRSError(SourceError):
    """A file's coordinates and its coordinate reference system do not fit."""


class MappingError(SourceError):
    """No field mapping is known or given for a file."""


class AnswerError(LayerError):
    """What was asked for is not there, or cannot be written where it was to go."""


class TooLongError(LayerError):
    """A query was interrupted because it ran for too long."""


class NotBuiltError(LayerError):
    """The workspace has no map yet, or the layer is not in it."""


class DamagedMapError(NotBuiltError):
    """The built map has gone from the disk, or is damaged there."""


class BackupError(LayerError):
    """A backup cannot be written where it was to go, or is none, or is damaged."""


class MachineError(LayerError):
    """The machine refuses: no room on the disk, no right to write there, no memory."""


class BuildError(LayerError):
    """A build failed its own checks; the last good map stays."""


class BusyError(BuildError):
    """Another process changes the same folder right now."""


class ClusterError(LayerError):
    """The machines that were to compute are not there, not alike, or gave up."""


class VaultError(LayerError):
    """The vault is not there, is there already, or is not as it was left."""


class JournalError(VaultError):
    """The journal cannot be written, or is not there."""


class WrongKeyError(VaultError):
    """The key does not open the vault; nothing was changed."""


class KeyNotGivenError(VaultError):
    """No key was given, or one that cannot be used."""


class PublishError(LayerError):
    """Nothing was published: the folder or the map does not allow it."""


class ServiceError(SourceError):
    """A service cannot be reached, or does not give what it said that it has."""


class AddressError(ServiceError):
    """A request would have gone where it must not go."""


class NotWholeError(ServiceError):
    """What came of a layer cannot be put together to the whole: reading it must begin anew."""
