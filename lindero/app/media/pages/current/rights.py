"""Rights of people on a map with a login, from the claims that the login provider makes about them.

Without roles, everybody who gets an answer has all rights that the server was started with.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

SEE, ADD, ACCEPT, VAULT = "see", "add", "accept", "vault"
ALL = frozenset({SEE, ADD, ACCEPT, VAULT})
_IMPLIED_RIGHTS = {
    ADD: {SEE},
    ACCEPT: {SEE, ADD},
    VAULT: {SEE},
}  # value: rights without which the key is of no use


@dataclass(frozen=True)
class Person:
    """A person who has logged in: the name that roles use, and the person's rights."""

    name: str
    rights: frozenset[str]


NOBODY = Person("", frozenset())


@dataclass(frozen=True)
class Role:
    """The rights of some people and some groups."""

    may: frozenset[str]
    people: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True)
class Roles:
    """The rights that an operator has written down.

    `person` and `groups` name the claims with the identity and the groups of a person (`a.b` is b in a). `everybody`
    are the rights of everyone who logs in, even without a role.
    """

    person: str
    groups: str
    everybody: frozenset[str]
    roles: tuple[Role, ...]

    def find_person(self, claims: Mapping[str, object]) -> Person:
        """Return the person described by the provider's claims. An unverified email address identifies nobody."""
        name = _to_text(_find_claim(claims, self.person))
        if self.person == "email" and claims.get("email_verified") is not True:
            name = ""
        groups = _to_texts(_find_claim(claims, self.groups))
        role_rights = (role.may for role in self.roles if name in role.people or not groups.isdisjoint(role.groups))
        return Person(name, self.everybody.union(*role_rights))


_roles: list[Roles] = []  # empty if there are no roles
_current_person: ContextVar[Person | None] = ContextVar("asking", default=None)


def add_implied_rights(rights: frozenset[str]) -> frozenset[str]:
    """Return rights together with the rights that they imply."""
    return rights.union(*(_IMPLIED_RIGHTS.get(right, set()) for right in rights))


def use_roles(roles: Roles | None) -> None:
    """Apply these roles to readers from now on. None removes all roles."""
    _roles[:] = [roles] if roles is not None else []


def has_roles() -> bool:
    """Return whether roles apply to readers."""
    return bool(_roles)


def person_from_claims(claims: Mapping[str, object]) -> Person:
    """Return the person described by these claims. Without roles, a person has all rights."""
    return _roles[0].find_person(claims) if _roles else Person(_to_text(claims.get("email") or claims.get("sub")), ALL)


@contextmanager
def use_person(person: Person) -> Generator[None]:
    """Handle requests in this context as requests of this person."""
    token = _current_person.set(person)
    try:
        yield
    finally:
        _current_person.reset(token)


def current_person() -> Person:
    """Return the person of the current request or of the page that runs.

    The result is `NOBODY`, who has no rights, if the person is unknown.
    """
    if (person := _current_person.get()) is not None:
        return person
    claims = st.user.to_dict()
    return person_from_claims(claims) if claims.get("is_logged_in") else NOBODY


def has_right(right: str) -> bool:
    """Return whether the current person has a right. Without roles, everybody has every right."""
    return not _roles or right in current_person().rights


def _find_claim(claims: Mapping[str, object], name: str) -> object:
    """Return a claim by its name, or by a path to it.

    A name that is itself a claim, such as a URL, is not a path.
    """
    if name in claims:
        return claims[name]
    first, _dot, rest = name.partition(".")
    inner = claims.get(first)
    return _find_claim(inner, rest) if rest and isinstance(inner, Mapping) else None


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _to_texts(value: object) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    return frozenset(text for text in values if isinstance(text, str) and text)
