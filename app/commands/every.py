"""All commands of `lindero` together."""

from app.commands import (
    analysis,
    answers,
    backup,
    consultations,
    feeds,
    fetching,
    hotspots,
    publish,
    record,
    serve,
    vault,
    vault_duplicates,
    workspace,
)
from app.commands.options import program

__all__ = [
    "analysis",
    "answers",
    "backup",
    "consultations",
    "feeds",
    "fetching",
    "hotspots",
    "program",
    "publish",
    "record",
    "serve",
    "vault",
    "vault_duplicates",
    "workspace",
]
