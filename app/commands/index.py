"""All commands of `lindero` together."""

from lindero.app.commands import (
    analysis,
    backup,
    brief,
    consultations,
    doctor,
    dossier,
    feed,
    fetch,
    hotspots,
    publish,
    query,
    record,
    serve,
    vault,
    vault_duplicates,
    vault_journal,
    workspace,
)
from lindero.app.commands.options import program

__all__ = [
    "analysis",
    "backup",
    "brief",
    "consultations",
    "doctor",
    "dossier",
    "feed",
    "fetch",
    "hotspots",
    "program",
    "publish",
    "query",
    "record",
    "serve",
    "vault",
    "vault_duplicates",
    "vault_journal",
    "workspace",
]
