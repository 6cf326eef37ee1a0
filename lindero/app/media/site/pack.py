"""A pocket map from a workspace: made from the rows of a publication, while the vault stays closed.

The published map is first written to a temporary folder, and the pocket map is made from it only. The exception is the
changes since the previous snapshot (`app.media.site.changes`).
"""

import datetime as dt
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lindero.app.answers.engine import Progress
from lindero.app.media.phone import background, grid_outlines
from lindero.app.media.phone.about import MOST_BYTES, MapScope, Subject, find_scope
from lindero.app.media.phone.background import BackgroundExtract, ChosenBackground
from lindero.app.media.phone.contents import collect_contents
from lindero.app.media.phone.page import render_page
from lindero.app.media.site import changes, publication_files
from lindero.app.media.site.select import Publication, select_from_map
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import N_, AnswerError, PublishError
from lindero.layers.model.schema import COMMUNITIES, REGIONS
from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace import backgrounds
from lindero.layers.workspace.manifest_file import Workspace, to_slug
from lindero.machine.resources import machine


@dataclass(frozen=True)
class Pack:
    """A pocket map: its page, its scope, and the `step` in degrees of the grid of its outlines.

    `background` are the tiles of the operator's own background, if one was requested.
    """

    about: MapScope
    html: str
    step: float
    made_on: dt.date
    background: BackgroundExtract | None = None

    @property
    def file_name(self) -> str:
        """A file name with place and date, to tell two pocket maps apart."""
        return f"lindero-{to_slug(self.about.name) or self.about.subject.value}-{self.made_on.isoformat()}.html"


def create_pack(
    space: Workspace,
    subject: Subject,
    area_id: str,
    *,
    today: dt.date,
    basemap: str = "",
    progress: Progress = lambda *_: None,
) -> Pack:
    """Create the pocket map of a community or a region of a workspace's map.

    `area_id`: the id of a community or a region of the workspace's map, or a department's code (ISO 3166-2).
    """
    chosen = _load_background(space, basemap) if basemap else None
    progress(_("choosing"), 0, 2)
    with open_published_map(space, today=today) as (pub, con):
        progress(_("writing"), 1, 2)
        scope = find_scope(con, subject, find_published_id(pub, subject, area_id))
        with map_database.connect(builds.current_map(space.build_folder)) as map_con:
            return build_pack(con, map_con, pub, scope, today=today, chosen=chosen)


@contextmanager
def open_published_map(space: Workspace, *, today: dt.date) -> Generator[tuple[Publication, map_database.Connection]]:
    """Publish a workspace's map without its vault into a temporary folder, and yield it open for reading."""
    memory = f"{machine().database_mb // 2}MB"
    with TemporaryDirectory() as folder:
        path = Path(folder) / publication_files.DATABASE
        with map_database.connect(builds.current_map(space.build_folder), memory=memory) as map_con:
            pub = select_from_map(map_con, None, title=space.title, today=today, country=space.country)
            publication_files.write_database(pub, map_con, path)
        with map_database.connect(path, memory=memory) as con:
            yield pub, con


def find_published_id(pub: Publication, subject: Subject, area_id: str) -> str:
    """Return the published id of a community or a region; a department's code is returned unchanged."""
    layer = COMMUNITIES if subject is Subject.COMMUNITY else REGIONS
    ids = pub.new_ids.get(layer.name)
    if ids is not None and area_id in ids.index:
        return str(ids[area_id])
    if subject is Subject.COMMUNITY:
        raise AnswerError(
            N_("the layer {layer} of this map has no row with id '{id}'; check the id"), layer=layer.name, id=area_id
        )
    return area_id


def build_pack(
    con: map_database.Connection,
    map_con: map_database.Connection,
    pub: Publication,
    scope: MapScope,
    *,
    today: dt.date,
    chosen: ChosenBackground | None = None,
) -> Pack:
    """Build the page on the finest grid that keeps it small enough. A background uses the remaining bytes."""
    max_bytes = MOST_BYTES[scope.subject]
    size = 0
    for step in (grid_outlines.FINE_DEGREES, grid_outlines.COARSE_DEGREES):
        news = changes.list_changes(map_con, pub, scope.frame, step=step)
        data = collect_contents(con, scope, news, step=step, today=today)
        html = render_page(data)
        size = len(html.encode())
        if size > max_bytes:
            continue
        if chosen is None:
            return Pack(scope, html, step, today)
        cut = background.extract_tiles(chosen, scope.frame, scope.ground, max_bytes - size)
        if cut is None:
            raise AnswerError(
                N_("the basemap {title} has no tiles here that fit into the remaining {kb} kB"),
                title=chosen.title,
                kb=(max_bytes - size) // 1000,
            )
        return Pack(scope, render_page(data | {"background": cut.to_dict()}), step, today, cut)
    raise PublishError(
        N_("the pocket map of {name} takes {size} MB, but at most {most} MB can be sent; choose something smaller"),
        name=scope.name,
        size=round(size / 1e6, 1),
        most=max_bytes // 1_000_000,
    )


def _load_background(space: Workspace, id_: str) -> ChosenBackground:
    entry = backgrounds.TABLE.find_entry(space.folder, id_)
    backgrounds.TABLE.check_file(space.folder, entry)
    return ChosenBackground(Background(space.folder / entry.file), entry.title, entry.attribution)
