"""The commands of `lindero`, one module for each part of the work."""

from app.commands import answers, serve, workspace
from app.commands.options import program

__all__ = ["answers", "program", "serve", "workspace"]
