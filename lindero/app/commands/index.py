"""All commands of `lindero`, imported into one program."""

from lindero.app.commands import doctor, serve
from lindero.app.commands.options import program
from lindero.app.commands.products import dossier, export, publish, watch, watches
from lindero.app.commands.questions import analysis, declared, query, record
from lindero.app.commands.vault import duplicates, vault
from lindero.app.commands.workspace import demo, fetch, own_layers, workspace

__all__ = [
    "analysis",
    "declared",
    "demo",
    "doctor",
    "dossier",
    "duplicates",
    "export",
    "fetch",
    "own_layers",
    "program",
    "publish",
    "query",
    "record",
    "serve",
    "vault",
    "watch",
    "watches",
    "workspace",
]
