"""
The process that reads what a browser handed over: what a file does to it, it does not do to the server.

It is asked by a line of JSON and answers by one. What it may take of memory is bounded; the walled reader that it asks
in turn is bounded by itself. It ends when nobody asks any more.
"""

import datetime as dt
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from lindero.app.pipeline.add.plan import ReceivedFile, planned
from lindero.app.pipeline.add.preview import as_plain_values, preview
from lindero.app.pipeline.add.proposals import looked_into, with_proposals
from lindero.geo import GeoError
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.read.sandbox.client import limits
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.workspace.manifest_file import load
from lindero.layers.workspace.source_options import SourceOptions


def main() -> None:
    """Answer questions until there are no more."""
    _bound(limits().memory_bytes)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line)), ensure_ascii=True), flush=True)  # noqa: T201  that is the answer


def ask(path: Path, options: SourceOptions, folder: Path, chosen: tuple[Proposal, ...] | None) -> dict[str, object]:
    """Put a question: what would become of the file in this workspace; None for `chosen`: what is proposed."""
    return {
        "path": str(path),
        "options": asdict(options),
        "folder": str(folder),
        "chosen": None if chosen is None else [asdict(one) for one in chosen],
    }


def _answer(question: Mapping[str, object]) -> dict[str, object]:
    path = Path(str(question["path"]))
    try:
        return _looked_into(path, question)
    except (LayerError, GeoError) as error:
        return _refusal(error)
    except MemoryError:
        return _refusal(out_of_memory(path.name))


def _looked_into(path: Path, question: Mapping[str, object]) -> dict[str, object]:
    space = load(Path(str(question["folder"])))
    file = ReceivedFile(path)
    options, proposals = looked_into(file, SourceOptions(**question["options"]), space)  # type: ignore[arg-type]
    answer: dict[str, object] = {"proposals": [asdict(one) for one in proposals]}
    chosen = question["chosen"]
    if isinstance(chosen, list):
        today = dt.datetime.now(dt.UTC).date()
        taken = planned(file, with_proposals(options, [Proposal(**one) for one in chosen]), space, today=today)
        answer["outline"] = as_plain_values(preview(taken))
    return answer


def out_of_memory(name: str) -> SourceError:
    """Say that a file takes more than there is."""
    return SourceError(
        N_("{name} needs more than {megabytes} MB of memory to be read; send a part of it"),
        name=name,
        megabytes=limits().memory_bytes // 1024**2,
    )


def _refusal(error: LayerError | GeoError) -> dict[str, object]:
    params = {name: value if isinstance(value, int | float) else str(value) for name, value in error.params.items()}
    return {"error": type(error).__name__, "template": error.template, "params": params}


def _bound(most_bytes: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource  # POSIX only

        _, ceiling = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, ceiling))


if __name__ == "__main__":
    main()
