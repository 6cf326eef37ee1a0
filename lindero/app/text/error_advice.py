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
    EntryError,
    GoneError,
    KeyNotGivenError,
    LayerError,
    MachineError,
    ManifestError,
    MappingError,
    NewerError,
    NotBuiltError,
    NotStoredError,
    NotWholeError,
    OutsideError,
    PublishError,
    SendError,
    ServiceError,
    SourceError,
    UnreadableManifestError,
    UnsureError,
    VaultError,
    WithdrawalsError,
    WorkspaceError,
    WrongKeyError,
)

ADVICE: dict[type[Exception], str] = {
    DamagedMapError: N_("Nothing is lost. Run `lindero build` to build the map again from the files of the workspace."),
    NotBuiltError: N_("Run `lindero build` first."),
    NotStoredError: N_("`lindero overlaps --help` explains how to compute the overlaps of other layers."),
    WorkspaceError: N_("`lindero init DIR` creates a workspace; --workspace chooses an existing one."),
    ManifestError: N_(
        "Nothing was changed. This should not happen: please report it, and attach the file lindero.toml."
    ),
    EntryError: N_("Nothing was changed."),
    WithdrawalsError: N_("Nothing was changed. `lindero restore` restores a backup."),
    UnreadableManifestError: N_(
        "Nothing was changed, and the last good map is kept. Copy the file before you correct it."
    ),
    OutsideError: N_("Nothing was read. Replace the link with the file itself, or ask the person who sent the folder."),
    CRSError: N_("If you are not sure, ask the person who sent the file. Then check the result on the map."),
    DamagedError: N_(
        "Copy or download it again, or ask the sender for the original file. Nothing was added, and the "
        "last good map is kept."
    ),
    SendError: N_("Nothing was sent. The message stays in the outbox (`lindero watch outbox`)."),
    UnsureError: N_("It may have arrived, so it is not sent again unless you ask (`lindero watch outbox --again ID`)."),
    BackupError: N_("Nothing that existed before was changed."),
    MachineError: N_(
        "Nothing that existed before was lost or changed. Free some space, or use another disk or "
        "computer; then try again."
    ),
    MappingError: N_("Use `--field COLUMN=FIELD` to say which field fills which column; you can repeat it."),
    NewerError: N_("Nothing was changed."),
    ConsentError: N_("Nothing was added or withdrawn."),
    GoneError: N_("Restore it from a backup (`lindero restore`), or add it again. The last good map is kept."),
    SourceError: N_("The received file was not changed, and the last good map is kept."),
    ServiceError: N_(
        "Nothing was added, and the last good map is kept. The next attempt continues from what was received."
    ),
    NotWholeError: N_(
        "Nothing was added, and the last good map is kept. The next attempt downloads the layer again from the start."
    ),
    AddressError: N_("No request was sent there, and nothing was added."),
    WrongKeyError: N_("Try again. Nobody can open the vault without its key."),
    KeyNotGivenError: N_("Never type the key as part of a command: other people could read it there."),
    VaultError: N_("`lindero vault --help` explains how to create and use a vault."),
    PublishError: N_("Nothing was published. Earlier publications were not changed."),
    ClusterError: N_(
        "Start the cluster with the same versions on all its machines, or leave out --scheduler: the result "
        "is the same."
    ),
    BusyError: N_("Wait until it has finished, then try again. Nothing was changed."),
    BuildError: N_("The last good map is kept. This should not happen: please report it."),
}


_TEXT_PARAMETERS = frozenset({"what", "todo"})  # parameters that are our own words, not text of the file


def error_sentence(error: LayerError | GeoError) -> str:
    """Return the message of an error, translated, without advice."""
    params = {name: _translate(value) if name in _TEXT_PARAMETERS else value for name, value in error.params.items()}
    return _(error.template).format(**params)


def error_text(error: LayerError | GeoError) -> str:
    """Return the message of an error and its advice, translated."""
    sentence = error_sentence(error)
    kind = next((kind for kind in type(error).__mro__ if kind in ADVICE), None)
    return sentence if kind is None else f"{sentence.rstrip('.')}. {_(ADVICE[kind])}"


def _translate(words: object) -> str:
    text = str(words)
    return _(text)
