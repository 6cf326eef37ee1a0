"""The commands of `lindero`, one module for each part of the work."""

from app.commands import analysis, answers, fetching, serve, vault, workspace
from app.commands.options import program

__all__ = ["analysis", "answers", "fetching", "program", "serve", "vault", "workspace"]
