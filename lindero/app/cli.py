"""The command `lindero`: it sets the language, runs a command, and prints expected errors as sentences."""

import atexit
import gc
import sys

from rich.console import Console

from lindero.app.text import i18n
from lindero.geo import GeoError
from lindero.layers.errors import LayerError

_OBJECTS_BEFORE_COLLECTION = 200_000  # startup and a small query create fewer, and almost none of them can be freed


def main() -> None:
    """Run the command line.

    The exit status is 0 for success, 1 for refused input or a failure, 2 for wrong usage.
    """
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # otherwise Python scans all loaded objects at exit: a tenth of a query's time
    i18n.set_language(i18n.environment_language())
    try:
        _run_program()
    except ImportError as error:
        if "failed to map" not in str(error):  # the library exists, but there is no memory to load it
            raise
        sys.exit(i18n._("this computer does not have enough free memory for that; close other programs"))


def _run_program() -> None:
    from lindero.app.commands.index import program  # after the language is set: help is translated on import

    try:
        program()
    except BrokenPipeError:
        sys.stderr.close()  # the reader of the output has gone, as in `lindero near … | head`
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
    from lindero.app.text.error_advice import error_text  # loaded only after a failure

    if isinstance(fault, LayerError | GeoError):
        return error_text(fault)
    from lindero.layers.database import machine_errors  # here, because it loads the database

    refusal = machine_errors.to_layer_error(fault) if isinstance(fault, machine_errors.REFUSALS) else None
    return None if refusal is None else error_text(refusal)


if __name__ == "__main__":
    main()
