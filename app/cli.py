"""The command `lindero`: sets the language, runs, and turns expected errors into sentences."""

import sys

from rich.console import Console

from app import i18n
from app.advice import said
from geo import GeoError
from layers.errors import LayerError


def main() -> None:
    """Run the command line; exit 0 done, 1 refused input or failed, 2 usage."""
    i18n.use(i18n.from_environment())
    from app.commands import program  # noqa: PLC0415  after the language: help texts are made on import

    try:
        program()
    except (LayerError, GeoError) as error:
        Console(stderr=True, soft_wrap=True).print(said(error), style="bold red", markup=False, highlight=False)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as in `lindero near … | head`


if __name__ == "__main__":
    main()
