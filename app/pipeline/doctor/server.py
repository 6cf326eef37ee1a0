"""Whether a map that is served answers, and is whole."""

from collections.abc import Iterator
from pathlib import Path

from lindero.app.pipeline.doctor.finding import Finding, mend, well
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import LayerError
from lindero.layers.services import health_answer


def findings(address: str, *, ca_file: Path | None = None) -> Iterator[Finding]:
    """Ask the address that was named, and no other."""
    try:
        health = health_answer.health_of(address, language=i18n.current(), ca_file=ca_file)
    except LayerError as error:
        yield mend("served", _(error.template).format(**error.params))
        return
    if health.why:
        yield mend("served", _("{address} says: {why}").format(address=address, why=health.why))
    else:
        text = _("{address} serves {map}, and it is whole.")
        yield well("served", text.format(address=address, map=health.map))
