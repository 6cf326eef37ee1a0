"""Text of expected errors: the message and advice, in the reader's language."""

from lindero.app.text.i18n import _
from lindero.geo import GeoError
from lindero.layers.errors import (
    N_,
    AddressError,
    BackupError,
    BuildError,
    BusyError,
    ClusterError,
    ConsentError,
    CRSError,
    DamagedError,
    DamagedMapError,
    GoneError,
    KeyNotGivenError,
    LayerError,
    MachineError,
    ManifestError,
    MappingError,
    NewerError,
    NotBuiltError,
    OutsideError,
    PublishError,
    ServiceError,
    SourceError,
    UnreadableManifestError,
    VaultError,
    WorkspaceError,
    WrongKeyError,
)

ADVICE: dict[type[Exception], str] = {
    DamagedMapError: N_("Nothing is lost: `lindero build` makes it anew from the files of the workspace."),
    NotBuiltError: N_("Run `lindero build` first."),
    WorkspaceError: N_("`lindero init DIR` makes a workspace; --workspace names one."),
    ManifestError: N_("Nothing was changed. Please report this, with the file lindero.toml: it should not happen."),
    UnreadableManifestError: N_("Nothing was changed, and the last good map stays. Keep a copy of the file first."),
    OutsideError: N_("Nothing was read. Put the files themselves there, or ask whoever sent the folder."),
    CRSError: N_("Ask whoever sent the file, or try the likely one and look at the map."),
    DamagedError: N_(
        "Copy or download it again, or ask whoever sent it for the file itself. "
        "Nothing was added, and the last good map stays."
    ),
    BackupError: N_("Nothing that was there was changed."),
    MachineError: N_(
        "Nothing that was there is lost or changed. Make room, or use another disk or machine; then try the same again."
    ),
    MappingError: N_("`--field COLUMN=FIELD` says which field holds what; it may be given several times."),
    NewerError: N_("Nothing was changed."),
    ConsentError: N_("Nothing was added, and nothing was withdrawn."),
    GoneError: N_("A backup has it (`lindero restore`), or add it anew; the last good map stays."),
    SourceError: N_("The received file was not changed, and the last good map stays."),
    ServiceError: N_("Nothing was added, and the last good map stays; what has come is gone on with next time."),
    AddressError: N_("Nothing was asked there, and nothing was added."),
    WrongKeyError: N_("Try again; nobody can open the vault without its key."),
    KeyNotGivenError: N_("The key is never an argument: others could read it there."),
    VaultError: N_("`lindero vault --help` tells how a vault is made and used."),
    PublishError: N_("Nothing was published, and what was published before is as it was."),
    ClusterError: N_("Start it, with the same versions everywhere, or leave out --scheduler: the answer is the same."),
    BusyError: N_("Wait until it is done, then try again; nothing was changed."),
    BuildError: N_("The last good map stays. Please report this: it should not happen."),
}


_TEXT_PARAMETERS = frozenset({"what", "todo"})  # parameters that are words of ours, not of the file


def error_text(error: LayerError | GeoError) -> str:
    """Return the message of an error and its advice, translated."""
    params = {name: _translate(value) if name in _TEXT_PARAMETERS else value for name, value in error.params.items()}
    sentence = _(error.template).format(**params)
    kind = next((kind for kind in type(error).__mro__ if kind in ADVICE), None)
    return sentence if kind is None else f"{sentence.rstrip('.')}. {_(ADVICE[kind])}"


def _translate(words: object) -> str:
    text = str(words)
    return _(text)
