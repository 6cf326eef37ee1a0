"""The commands of `lindero`, one module for each part of the work."""

from app.commands import analysis, answers, record, serve, vault, workspace
from app.commands.options import program

__all__ = ["analysis", "answers", "program", "record", "serve", "vault", "workspace"]
