"""The commands of declared answers (`app.answers.declared`). Each prints the rows of its answer and its sentences."""

from inspect import Parameter, Signature
from typing import Annotated, Any

import typer

from lindero.app.answers.declared import DeclaredAnswer
from lindero.app.answers.declared_answers import DECLARED
from lindero.app.commands.options import (
    FormatOption,
    OutputOption,
    WorkspaceOption,
    open_map,
    print_sentence,
    program,
)
from lindero.app.media.files.formats import Format
from lindero.app.text.i18n import _


def add_command(declared: DeclaredAnswer) -> None:
    """Add the command of a declared answer to the program."""

    def run(context: typer.Context, **given: Any) -> None:
        """Print the rows of the answer, and its sentences."""
        from lindero.app.commands.json_provenance import provenance
        from lindero.app.media.files.export import write_answer
        from lindero.layers.model.schema import LAYERS

        con = open_map(given["workspace"])
        answer = declared.ask(con, {choice.name: given[choice.name] for choice in declared.choices})
        head = provenance(context, con, declared.name, [LAYERS[name] for name in declared.layers])
        sentences = [*answer["finding"].sentences]
        write_answer(
            answer[declared.rows].table_rows,
            given["form"],
            given["output"],
            head={**head, "finding": sentences},
            rows_key=declared.rows,
        )
        for sentence in sentences:
            print_sentence(sentence)

    options: dict[str, tuple[Any, object]] = {
        choice.name: (
            Annotated[float, typer.Option(help=_(choice.label), min=choice.least, max=choice.most)],
            choice.default,
        )
        for choice in declared.choices
    } | {"form": (FormatOption, Format.TABLE), "output": (OutputOption, None), "workspace": (WorkspaceOption, None)}
    run.__annotations__ = {"context": typer.Context} | {name: kind for name, (kind, _default) in options.items()}
    run.__signature__ = Signature(  # type: ignore[attr-defined]  # read by typer
        [
            Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(
                Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
                for name, (kind, default) in options.items()
            ),
        ]
    )
    program.command(declared.name, help=_(declared.summary))(run)


for one in DECLARED.values():
    add_command(one)
