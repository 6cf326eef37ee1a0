"""Worker process that reads uploaded files, so that a malicious file cannot harm the server.

It reads one JSON request per line from its input and writes one JSON response per line. Its memory is limited, and so
is that of the sandboxed reader that it calls. It ends when its input is closed.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from lindero.app.builder.add.absence import find_plan_fault
from lindero.app.builder.add.plan import ReceivedFile, plan_source
from lindero.app.builder.add.preview import build_preview, preview_to_dict
from lindero.app.builder.add.proposals import apply_proposals, propose_options
from lindero.geo import GeoError
from lindero.layers.errors import N_, LayerError, MappingError, SourceError
from lindero.layers.read.sandbox.client import configured_limits
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.workspace.manifest_file import Workspace, load_workspace
from lindero.layers.workspace.source_options import SourceOptions
from lindero.machine.clock import local_today

NO_COVERAGE = "-"  # also where an earlier snapshot of the source has one


def main() -> None:
    """Handle requests until the input ends."""
    _limit_memory(configured_limits().memory_bytes)
    for line in sys.stdin:
        print(json.dumps(_handle_request(json.loads(line)), ensure_ascii=True), flush=True)  # noqa: T201  that is the answer


def build_request(
    path: Path, options: SourceOptions, folder: Path, chosen: tuple[Proposal, ...] | None
) -> dict[str, object]:
    """Build the request to plan a file in a workspace.

    With None for `chosen`, the worker returns proposals only.
    """
    return {
        "path": str(path),
        "options": asdict(options),
        "folder": str(folder),
        "chosen": None if chosen is None else [asdict(proposal) for proposal in chosen],
    }


def _handle_request(question: Mapping[str, object]) -> dict[str, object]:
    path = Path(str(question["path"]))
    try:
        return _plan_upload(path, question)
    except (LayerError, GeoError) as error:
        return _encode_error(error)
    except MemoryError:
        return _encode_error(out_of_memory_error(path.name))


def _plan_upload(path: Path, question: Mapping[str, object]) -> dict[str, object]:
    space = load_workspace(Path(str(question["folder"])))
    file, said = ReceivedFile(path), SourceOptions(**question["options"])  # type: ignore[arg-type]
    received = file.read(said)
    answer: dict[str, object] = {
        "file_fields": [str(name) for name in received.rows.columns],
        "has_geometry": received.geometry is not None,
    }
    try:
        return answer | _plan_fields(file, said, space, question["chosen"])
    except MappingError as error:
        return answer | _encode_error(error)


def _plan_fields(file: ReceivedFile, said: SourceOptions, space: Workspace, chosen: object) -> dict[str, object]:
    options, proposals = propose_options(file, replace(said, coverage=said.coverage.strip(NO_COVERAGE)), space)
    if said.coverage == NO_COVERAGE:
        options = replace(options, coverage="")
    answer: dict[str, object] = {"proposals": [asdict(proposal) for proposal in proposals]}
    if isinstance(chosen, list):
        today = local_today()
        taken = apply_proposals(options, [Proposal(**proposal) for proposal in chosen])
        ingested = plan_source(file, taken, space, today=today, takes_files=False)
        fault = find_plan_fault(space, ingested, today=today)
        answer["outline"] = preview_to_dict(build_preview(ingested, fault[1] if fault else ("", {})))
    return answer


def out_of_memory_error(name: str) -> SourceError:
    """Return the error for a file that needs more memory than the worker may use."""
    return SourceError(
        N_("reading {name} needs more than {megabytes} MB of memory; split it and add one part at a time"),
        name=name,
        megabytes=configured_limits().memory_bytes // 1024**2,
    )


def _encode_error(error: LayerError | GeoError) -> dict[str, object]:
    params = {name: value if isinstance(value, int | float) else str(value) for name, value in error.params.items()}
    return {"error": type(error).__name__, "template": error.template, "params": params}


def _limit_memory(max_bytes: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource  # POSIX only

        _, ceiling = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, ceiling))


if __name__ == "__main__":
    main()
