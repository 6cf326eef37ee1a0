"""The command `lindero`: sets the language, runs, and turns expected errors into sentences."""

import sys
from importlib import import_module

from layers import child

_OPENS_FILES = {"add", "build", "fetch"}
_ANSWERS = {"overlaps", "near", "export"}  # the other commands take longer to load than these to answer


def main() -> None:
    """Run the command line; exit 0 done, 1 refused input or failed, 2 usage."""
    if _OPENS_FILES.intersection(sys.argv[1:2]):
        child.warm()  # the process that opens files loads while this one does
    from app.wording import i18n  # noqa: PLC0415

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
    import_module("app.commands.answers" if _ANSWERS.intersection(sys.argv[1:2]) else "app.commands.every")
    from app.commands.options import program  # noqa: PLC0415
    from app.wording.advice import said  # noqa: PLC0415
    from geo import GeoError  # noqa: PLC0415
    from layers import machine  # noqa: PLC0415
    from layers.errors import LayerError  # noqa: PLC0415

    try:
        program()
    except (LayerError, GeoError) as error:
        told = said(error)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as in `lindero near … | head`
        return
    except machine.REFUSALS as fault:
        refusal = machine.in_words(fault)
        if refusal is None:
            raise
        told = said(refusal)
    else:
        return
    Console(stderr=True, soft_wrap=True).print(told, style="bold red", markup=False, highlight=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
