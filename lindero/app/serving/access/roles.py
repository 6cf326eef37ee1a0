"""The file in which an operator defines the rights of readers (docs/operating.md)."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from lindero.app.media.pages.current import rights
from lindero.app.media.pages.current.rights import Role, Roles
from lindero.app.serving.access import attendance, log
from lindero.app.serving.access.login import LoginError
from lindero.layers.errors import N_

PUBLISH = "publish"
_FILE_KEYS = frozenset({"person", "groups", "everybody", "role"})
_ROLE_KEYS = frozenset({"may", "people", "groups"})


class RolesFile:
    """The roles file of a running server. A change takes effect from the next request on.

    If the file is missing or invalid, the last roles remain in force, and the log says so.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = _file_stamp(file)

    def read(self) -> Roles:
        """Read the roles with which the server starts."""
        return read_roles(self._file)

    def reload(self) -> None:
        """Apply the roles of the file if it has changed. They are written to the journal before they take effect."""
        stamp = _file_stamp(self._file)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            changed_roles = read_roles(self._file)
        except LoginError as error:
            log.log_event(N_("The previous roles remain in force: {why}"), why=str(error))
            return
        attendance.record_roles(changed_roles)
        rights.use_roles(changed_roles)
        log.log_event(N_("The roles were read again."))


def _file_stamp(file: Path) -> tuple[int, ...]:
    """Return a stamp of a file's state; empty if the file is missing."""
    try:
        status = file.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_roles(file: Path) -> Roles:
    """Read roles from a file."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LoginError(N_("{file} could not be read as a roles file (TOML)"), file=file.name) from error
    _check_keys(content, _FILE_KEYS, file)
    person, groups = content.get("person", "sub"), content.get("groups", "groups")
    if not (isinstance(person, str) and isinstance(groups, str) and isinstance(content.get("role", []), list)):
        raise LoginError(N_("{file} could not be read as a roles file (TOML)"), file=file.name)
    roles = tuple(_parse_role(role, file) for role in content.get("role", []))
    return Roles(person, groups, _parse_rights(content.get("everybody", []), file), roles)


def _parse_role(content: object, file: Path) -> Role:
    if not isinstance(content, Mapping):
        raise LoginError(N_("{file} could not be read as a roles file (TOML)"), file=file.name)
    _check_keys(content, _ROLE_KEYS, file)
    people, groups = (frozenset(_check_texts(content.get(name, []), file)) for name in ("people", "groups"))
    return Role(_parse_rights(content.get("may", []), file), people, groups)


def _parse_rights(value: object, file: Path) -> frozenset[str]:
    granted = frozenset(_check_texts(value, file))
    if PUBLISH in granted:
        raise LoginError(
            N_(
                "{file} grants the right 'publish', but publishing is a command for whoever has the "
                "workspace and the key; remove 'publish'"
            ),
            file=file.name,
        )
    if unknown := sorted(granted - rights.ALL):
        raise LoginError(
            N_("{file} grants '{name}', which is not a right; the rights are {known}"),
            file=file.name,
            name=unknown[0],
            known=", ".join(sorted(rights.ALL)),
        )
    return rights.add_implied_rights(granted)


def _check_texts(value: object, file: Path) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise LoginError(N_("{file}: people, groups and rights must be lists of texts"), file=file.name)
    return value


def _check_keys(content: Mapping[str, object], allowed: frozenset[str], file: Path) -> None:
    if unknown := sorted(content.keys() - allowed):
        raise LoginError(
            N_("{file} has the unknown field '{name}'; the fields are {known}"),
            file=file.name,
            name=unknown[0],
            known=", ".join(sorted(allowed)),
        )
