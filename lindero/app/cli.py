"""The command `lindero`: sets the language, runs, and turns expected errors into sentences."""

import atexit
import gc
import sys

from rich.console import Console

from lindero.app.text import i18n
from lindero.geo import GeoError
from lindero.layers.errors import LayerError

_OBJECTS_BEFORE_COLLECTION = 200_000  # loading and a small question make fewer, of which all but none can go


def main() -> None:
    """Run the command line; exit 0 done, 1 refused input or failed, 2 usage."""
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # Python would look through all that was loaded before it ends: a tenth of a question
    i18n.use(i18n.from_environment())
    try:
        _run()
    except ImportError as error:
        if "failed to map" not in str(error):  # a library that is there, and for which there is no memory
            raise
        sys.exit(i18n._("this machine has too little memory free for that"))


def _run() -> None:
    from lindero.app.commands.index import program  # after the language: help is written on import

    try:
        program()
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as in `lindero near … | head`
    except ImportError:
        raise
    except Exception as fault:
        message = _message(fault)
        if message is None:
            raise
        Console(stderr=True, soft_wrap=True, emoji=False).print(
            message, style="bold red", markup=False, highlight=False
        )
        sys.exit(1)


def _message(fault: Exception) -> str | None:
    """Say an expected error in words; None for any other, which is a bug."""
    from lindero.app.text.error_advice import error_text  # loaded where something failed alone

    if isinstance(fault, LayerError | GeoError):
        return error_text(fault)
    from lindero.layers.database import machine_errors  # as it loads the database

    refusal = machine_errors.in_words(fault) if isinstance(fault, machine_errors.REFUSALS) else None
    return None if refusal is None else error_text(refusal)


if __name__ == "__main__":
    main()
