"""All commands of `lindero` together."""

from lindero.app.commands import doctor, serve
from lindero.app.commands.options import program
from lindero.app.commands.products import alerts, brief, dossier, export, feed, pack, publish
from lindero.app.commands.questions import analysis, consultations, hotspots, protection, query, record
from lindero.app.commands.vault import duplicates, journal, vault
from lindero.app.commands.workspace import backup, basemap, fetch, workspace

__all__ = [
    "alerts",
    "analysis",
    "backup",
    "basemap",
    "brief",
    "consultations",
    "doctor",
    "dossier",
    "duplicates",
    "export",
    "feed",
    "fetch",
    "hotspots",
    "journal",
    "pack",
    "program",
    "protection",
    "publish",
    "query",
    "record",
    "serve",
    "vault",
    "workspace",
]
