"""
Who may do what on a map that asks for a login: rights of people, by what the provider of the login says of them.

Without roles everybody who gets an answer may do what the server was begun with, as before there were any.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

SEE, ADD, ACCEPT, VAULT = "see", "add", "accept", "vault"
ALL = frozenset({SEE, ADD, ACCEPT, VAULT})
_WITH = {ADD: {SEE}, ACCEPT: {SEE, ADD}, VAULT: {SEE}}  # a right that is of no use without another brings it along


@dataclass(frozen=True)
class Person:
    """Somebody who has logged in, by the name that roles know them by, and what they may do."""

    name: str
    rights: frozenset[str]


NOBODY = Person("", frozenset())


@dataclass(frozen=True)
class Role:
    """What some people and some groups may do."""

    may: frozenset[str]
    people: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True)
class Roles:
    """
    Rights as an operator has written them down.

    `person` and `groups` name the claims that tell who somebody is and which groups they are in (`a.b` is b in a);
    `everybody` is what whoever logs in may do, known or not.
    """

    person: str
    groups: str
    everybody: frozenset[str]
    roles: tuple[Role, ...]

    def of(self, claims: Mapping[str, object]) -> Person:
        """Give whoever the provider says these claims of; an address that it has not verified is nobody's."""
        name = _text(_claim(claims, self.person))
        if self.person == "email" and claims.get("email_verified") is not True:
            name = ""
        groups = _texts(_claim(claims, self.groups))
        mine = (role.may for role in self.roles if name in role.people or not groups.isdisjoint(role.groups))
        return Person(name, self.everybody.union(*mine))


_roles: list[Roles] = []  # empty: of nobody
_asking: ContextVar[Person | None] = ContextVar("asking", default=None)


def whole(rights: frozenset[str]) -> frozenset[str]:
    """Give rights with those that they bring along."""
    return rights.union(*(_WITH.get(one, set()) for one in rights))


def use(roles: Roles | None) -> None:
    """Hold readers to these roles from here on; None: to none."""
    _roles[:] = [roles] if roles is not None else []


def has_roles() -> bool:
    """Tell whether readers are held to roles."""
    return bool(_roles)


def of(claims: Mapping[str, object]) -> Person:
    """Give whoever these claims are of."""
    return _roles[0].of(claims) if _roles else Person(_text(claims.get("email") or claims.get("sub")), ALL)


@contextmanager
def asked_by(person: Person) -> Generator[None]:
    """Answer to this person."""
    token = _asking.set(person)
    try:
        yield
    finally:
        _asking.reset(token)


def whoever_asks() -> Person:
    """
    Give the person who is answered now: of a request, or of the page that runs.

    Nobody, who may do nothing, where it cannot be told.
    """
    if (person := _asking.get()) is not None:
        return person
    claims = st.user.to_dict()
    return of(claims) if claims.get("is_logged_in") else NOBODY


def may(right: str) -> bool:
    """Tell whether whoever is answered now has a right."""
    return not _roles or right in whoever_asks().rights


def _claim(claims: Mapping[str, object], name: str) -> object:
    """Give a claim by its name, or by a path to it; a name that is an address itself (`https://…`) is no path."""
    if name in claims:
        return claims[name]
    first, _dot, rest = name.partition(".")
    inner = claims.get(first)
    return _claim(inner, rest) if rest and isinstance(inner, Mapping) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> frozenset[str]:
    many = value if isinstance(value, list) else [value]
    return frozenset(one for one in many if isinstance(one, str) and one)
