"""The command `lindero`: it sets the language, runs a command, and prints expected errors as sentences."""

import atexit
import gc
import sys

from rich.console import Console

from lindero.app.text import i18n
from lindero.geo import GeoError
from lindero.layers.errors import LayerError

_OBJECTS_BEFORE_COLLECTION = 200_000  # loading and a small question make fewer, of which all but none can go


def main() -> None:
    """
    Run the command line.

    The exit status is 0 for success, 1 for refused input or a failure, 2 for wrong usage.
    """
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # Python would look through all that was loaded before it ends: a tenth of a question
    i18n.set_language(i18n.environment_language())
    try:
        _run_program()
    except ImportError as error:
        if "failed to map" not in str(error):  # a library that is there, and for which there is no memory
            raise
        sys.exit(i18n._("this machine has too little memory free for that"))


def _run_program() -> None:
    from lindero.app.commands.index import program  # after the language: help is written on import

    try:
        program()
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as in `lindero near … | head`
    except ImportError:
        raise
    except Exception as fault:
        message = _error_message(fault)
        if message is None:
            raise
        Console(stderr=True, soft_wrap=True, emoji=False).print(
            message, style="bold red", markup=False, highlight=False
        )
        sys.exit(1)


def _error_message(fault: Exception) -> str | None:
    """Return the message of an expected error. The result is None for any other error, which is a bug."""
    from lindero.app.text.error_advice import error_text  # loaded where something failed alone

    if isinstance(fault, LayerError | GeoError):
        return error_text(fault)
    from lindero.layers.database import machine_errors  # as it loads the database

    refusal = machine_errors.to_layer_error(fault) if isinstance(fault, machine_errors.REFUSALS) else None
    return None if refusal is None else error_text(refusal)


if __name__ == "__main__":
    main()
