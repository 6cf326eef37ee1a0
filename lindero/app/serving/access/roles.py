"""The file in which an operator writes down who may do what (docs/operating.md)."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from lindero.app.current import rights
from lindero.app.current.rights import Role, Roles
from lindero.app.serving.access import attendance, log
from lindero.app.serving.access.login import LoginError
from lindero.layers.errors import N_

PUBLISH = "publish"
_OF_FILE = frozenset({"person", "groups", "everybody", "role"})
_OF_ROLE = frozenset({"may", "people", "groups"})


class RolesFile:
    """
    The file of roles of a server that runs: what is changed in it holds from the next request on.

    A file that is gone or not understood changes nothing: the roles read last hold on, and the log says so.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = _stamp(file)

    def read(self) -> Roles:
        """Read the roles that a server begins with; raises as `read` of this module does."""
        return read(self._file)

    def renew(self) -> None:
        """Hold readers to what the file says now, if it was changed; it stands in the journal before it holds."""
        now = _stamp(self._file)
        if now == self._seen:
            return
        self._seen = now
        try:
            found = read(self._file)
        except LoginError as error:
            log.event(N_("The roles of before hold on: {why}"), why=str(error))
            return
        attendance.note_roles(found)
        rights.use(found)
        log.event(N_("The roles have been read anew."))


def _stamp(file: Path) -> tuple[int, ...]:
    """Tell one state of a file from another; a file that is gone has none."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def read(file: Path) -> Roles:
    """
    Read roles.

    Raises
    ------
    LoginError
        If the file cannot be read, or says anything that is not understood: a word overlooked is a right too many or
        too few.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LoginError(N_("{file} cannot be read as roles"), file=file.name) from error
    _hold_known(content, _OF_FILE, file)
    person, groups = content.get("person", "sub"), content.get("groups", "groups")
    if not (isinstance(person, str) and isinstance(groups, str) and isinstance(content.get("role", []), list)):
        raise LoginError(N_("{file} cannot be read as roles"), file=file.name)
    roles = tuple(_role(one, file) for one in content.get("role", []))
    return Roles(person, groups, _rights(content.get("everybody", []), file), roles)


def _role(content: object, file: Path) -> Role:
    if not isinstance(content, Mapping):
        raise LoginError(N_("{file} cannot be read as roles"), file=file.name)
    _hold_known(content, _OF_ROLE, file)
    people, groups = (frozenset(_texts(content.get(name, []), file)) for name in ("people", "groups"))
    return Role(_rights(content.get("may", []), file), people, groups)


def _rights(value: object, file: Path) -> frozenset[str]:
    named = frozenset(_texts(value, file))
    if PUBLISH in named:
        raise LoginError(
            N_("{file} gives the right to publish, which is a command: whoever has the workspace and the key may"),
            file=file.name,
        )
    if unknown := sorted(named - rights.ALL):
        raise LoginError(
            N_("{file} gives a right {name}; there are {known}"),
            file=file.name,
            name=unknown[0],
            known=", ".join(sorted(rights.ALL)),
        )
    return rights.whole(named)


def _texts(value: object, file: Path) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise LoginError(N_("{file}: people, groups and rights are lists of texts"), file=file.name)
    return value


def _hold_known(content: Mapping[str, object], allowed: frozenset[str], file: Path) -> None:
    if unknown := sorted(content.keys() - allowed):
        raise LoginError(
            N_("{file} says {name}, which roles do not know; they know {known}"),
            file=file.name,
            name=unknown[0],
            known=", ".join(sorted(allowed)),
        )
