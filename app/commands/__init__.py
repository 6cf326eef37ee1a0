"""The commands of `lindero`, one module for each part of the work."""

from app.commands import analysis, answers, publish, serve, vault, workspace
from app.commands.options import program

__all__ = ["analysis", "answers", "program", "publish", "serve", "vault", "workspace"]
