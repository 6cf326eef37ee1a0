"""
A pack is a publication: it is made from the rows that a publication would hold, and the vault stays closed.

The published map is written first, into a folder that goes again; what a pack holds is read from it alone, but for what
changed since the snapshot before (`app.products.publication.changes`).
"""

import datetime as dt
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lindero.app.products.pocket import background, grid_outlines
from lindero.app.products.pocket.about import MOST_BYTES, About, Subject, about
from lindero.app.products.pocket.background import Chosen, Cut
from lindero.app.products.pocket.contents import contents
from lindero.app.products.pocket.page import page
from lindero.app.products.publication import changes, publication_files
from lindero.app.products.publication.select import Publication, publication
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import N_, AnswerError, PublishError
from lindero.layers.model.schema import COMMUNITIES, REGIONS
from lindero.layers.publish import published_database
from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace import backgrounds
from lindero.layers.workspace.manifest_file import Workspace, slug


@dataclass(frozen=True)
class Pack:
    """
    A page, what it is of, and the `step` in degrees of the grid on which its outlines stand.

    `background` is what it holds of one of the operator's own, if that was asked for.
    """

    about: About
    html: str
    step: float
    made_on: dt.date
    background: Cut | None = None

    @property
    def file_name(self) -> str:
        """A name that tells place and day, for two packs to be told apart."""
        return f"lindero-{slug(self.about.name) or self.about.subject.value}-{self.made_on.isoformat()}.html"


def pack(space: Workspace, subject: Subject, of: str, *, today: dt.date, basemap: str = "") -> Pack:
    """
    Make the pocket map of a community or a region of a workspace's map.

    Parameters
    ----------
    of
        The id of a community or a region of the workspace's map, or a department's code (ISO 3166-2).
    basemap
        The id of a background of the workspace, to be cut out into the page beside the one of Lindero.

    Raises
    ------
    AnswerError
        If the map holds no such thing, or the background nothing here.
    PublishError
        If the page would be too large to be sent.
    WorkspaceError
        If the workspace has no such background.
    """
    chosen = _background(space, basemap) if basemap else None
    with published_map(space, today=today) as (pub, con):
        on = about(con, subject, published_id(pub, subject, of))
        with map_database.connect(builds.current_map(space.build_folder)) as own:
            return make_pack(con, own, pub, on, today=today, chosen=chosen)


@contextmanager
def published_map(space: Workspace, *, today: dt.date) -> Generator[tuple[Publication, map_database.Connection]]:
    """Publish a workspace's map, and nothing of its vault, into a folder that goes again; give it to be read."""
    pub = publication(space, None, today=today)
    with TemporaryDirectory() as folder:
        path = Path(folder) / publication_files.DATABASE
        published_database.write(
            path, pub.layers, sources=pub.sources, overlaps=pub.overlaps, counts=pub.counts, covered=pub.coverage
        )
        with map_database.connect(path) as con:
            yield pub, con


def published_id(pub: Publication, subject: Subject, of: str) -> str:
    """Give the id under which a community or a region is published; a department's code is its own."""
    layer = COMMUNITIES if subject is Subject.COMMUNITY else REGIONS
    ids = pub.new_ids.get(layer.name)
    if ids is not None and of in ids.index:
        return str(ids[of])
    if subject is Subject.COMMUNITY:
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=layer.name, id=of)
    return of


def make_pack(
    con: map_database.Connection,
    own: map_database.Connection,
    pub: Publication,
    on: About,
    *,
    today: dt.date,
    chosen: Chosen | None = None,
) -> Pack:
    """Make the page, on the finest grid on which it is small enough; a background gets the room that is left."""
    most = MOST_BYTES[on.subject]
    size = 0
    for step in (grid_outlines.FINE, grid_outlines.COARSE):
        news = changes.changes(own, pub, on.frame, step=step)
        data = contents(con, on, news, step=step, today=today)
        html = page(data)
        size = len(html.encode())
        if size > most:
            continue
        if chosen is None:
            return Pack(on, html, step, today)
        cut = background.cut(chosen, on.frame, on.ground, most - size)
        if cut is None:
            raise AnswerError(
                N_("the background {title} has no tiles here that fit into the {kb} kB left"),
                title=chosen.title,
                kb=(most - size) // 1000,
            )
        return Pack(on, page(data | {"background": cut.written()}), step, today, cut)
    raise PublishError(
        N_("{name} takes {size} MB as a pocket map, and at most {most} can be sent: choose something smaller"),
        name=on.name,
        size=round(size / 1e6, 1),
        most=most // 1_000_000,
    )


def _background(space: Workspace, id_: str) -> Chosen:
    entry = backgrounds.TABLE.find(space.folder, id_)
    backgrounds.TABLE.check_whole(space.folder, entry)
    return Chosen(Background(space.folder / entry.file), entry.title, entry.attribution)
