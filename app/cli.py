"""The command `lindero`: sets the language, runs, and turns expected errors into sentences."""

import sys
from importlib import import_module

from lindero.layers.sandbox import client

_OPENS_FILES = {"add", "build", "fetch"}
_ANSWERS = {"overlaps", "near", "export"}  # the other commands take longer to load than these to answer


def main() -> None:
    """Run the command line; exit 0 done, 1 refused input or failed, 2 usage."""
    if _OPENS_FILES.intersection(sys.argv[1:2]):
        client.warm()  # the process that opens files loads while this one does
    from lindero.app.text import i18n  # noqa: PLC0415

    i18n.use(i18n.from_environment())
    try:
        _run()
    except ImportError as error:
        if "failed to map" not in str(error):  # a library that is there, and for which there is no memory
            raise
        sys.exit(i18n._("this machine has too little memory free for that"))


def _run() -> None:
    from rich.console import Console  # noqa: PLC0415

    # After the language: help texts are made on import.
    import_module(
        "lindero.app.commands.query" if _ANSWERS.intersection(sys.argv[1:2]) else "lindero.app.commands.index"
    )
    from lindero.app.commands.options import program  # noqa: PLC0415
    from lindero.app.text.error_advice import said  # noqa: PLC0415
    from lindero.geo import GeoError  # noqa: PLC0415
    from lindero.layers.database import machine_errors  # noqa: PLC0415
    from lindero.layers.errors import LayerError  # noqa: PLC0415

    try:
        program()
    except (LayerError, GeoError) as error:
        told = said(error)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as in `lindero near … | head`
        return
    except machine_errors.REFUSALS as fault:
        refusal = machine_errors.in_words(fault)
        if refusal is None:
            raise
        told = said(refusal)
    else:
        return
    Console(stderr=True, soft_wrap=True).print(told, style="bold red", markup=False, highlight=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
