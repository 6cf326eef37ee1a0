"""A workspace with two snapshots of a cadastre, a court case, and a canary word in every private place."""

import datetime as dt

import pandas as pd
import shapely

from lindero.app.answers.changes.events import filter_events, list_case_events, list_register_events
from lindero.app.media.site.pack import open_published_map
from lindero.app.watch.digest.digest import compose_digest
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.watch import source_checks
from lindero.layers.watch.source_checks import SourceCheck
from lindero.layers.watch.watches_file import Watch, save_watch
from tests.built import build
from tests.files import Files, concessions, square, text
from tests.secret_files import Secret, csv_of, made, put

SINCE, TODAY = dt.date(2026, 3, 15), dt.date(2026, 4, 15)
CANARY = "canario"  # every word that must not leave the machine contains it
TITLES, LANDS = f"{CANARY}-fuente", f"{CANARY}-tierras"
COMMUNITY = f"community/{LANDS}/K1"
OWN_AREA = shapely.box(-78.512345, -7.012345, -78.461234, -6.981234).wkt
AREAS = {
    "community": (COMMUNITY,),
    "region": ("region/PE-CAJ",),
    "holder": ("holder/compania minera sanchez",),
    "polygon": ("polygon",),
    "everything": ("everything",),
}
CASE = f"casos/{CANARY}-codigo"
INCIDENTS = f"""title,occurred_on,date_precision,region,country,location_precision,visibility,sources,code,company
Amenaza a una comunera,2024-05-02,day,Cajamarca,PE,region,public_record,Diario El Norte,{CANARY}-codigo,{CANARY}-empresa
"""


def add_titles(files):
    """Add two snapshots: a holder, a boundary and a status change, one concession goes, one is new, one ends soon."""
    before = concessions(6).assign(telefono=f"{CANARY}-telefono", expires_on=None, status_text=f"{CANARY}-estado")
    before.loc[5, "expires_on"] = "2026-05-20"
    after = before.copy()
    after.loc[0, "holder"] = "Minera Nueva Esperanza S.A.C."
    after.loc[1, "geometry"] = shapely.affinity.translate(square(1), 0, -0.003)
    after.loc[4, "status"] = "applied"
    new = concessions(1, row=1, code=["C9"], name=["Señor de los Milagros"], holder=["Inversiones Ñahui"])
    after = pd.concat([after.drop(index=3), new.assign(telefono=f"{CANARY}-telefono-2")], ignore_index=True)
    for day, frame in (("2026-03-01", before), ("2026-04-01", after)):
        files.add(
            "concessions",
            frame,
            id=TITLES,
            name=f"{CANARY}-archivo.geojson",
            title=f"{CANARY}-archivo",
            snapshot_on=day,
        )


def make_world(folder):
    """Return the workspace and its vault."""
    files = Files(folder / f"{CANARY}-ruta")
    add_titles(files)
    land = concessions(1).drop(columns=["holder", "status"]).assign(code="K1", name="El Tingo", jefe=f"{CANARY}-jefe")
    land.geometry = [square(0, 0, side=0.07)]
    files.add("communities", land, id=LANDS, name=f"{CANARY}-tierras.geojson", title=f"{CANARY}-tierras")
    files.add("incidents", INCIDENTS, id="casos", name=f"{CANARY}-casos.csv", coverage="PE")
    steps = f"incident_id,dated_on,step,court\n{CASE},2026-04-02,trial,Juzgado Mixto de Hualgayoc\n"
    files.add("case_steps", steps, id="pasos", name=f"{CANARY}-pasos.csv")
    measures = f"incident_id,measure,provider\n{CASE},{CANARY}-medida,{CANARY}-proveedor\n"
    files.add("protection_measures", measures, id="medidas", name=f"{CANARY}-medidas.csv")
    build(files.space)
    held = made(files.folder)
    secrets = [Secret(n, "restricted" if n % 2 else "confidential").row(nota=f"{CANARY}-nota {n}") for n in range(4)]
    put(held, files.space, text(folder / "elsewhere" / f"{CANARY}-boveda.csv", csv_of(secrets)))
    for watch in list_watches():
        save_watch(files.folder, watch)
    now = dt.datetime(2026, 4, 14, tzinfo=dt.UTC)
    source_checks.store_check(files.folder, SourceCheck(TITLES, now, "refused", reason=f"{CANARY}-error", failures=3))
    return files.space, held


def list_watches():
    """Return one watch per kind of area and language."""
    return [
        Watch(
            f"{CANARY}-seguimiento {kind} {language}",
            areas,
            polygon=OWN_AREA if kind == "polygon" else "",
            language=language,
            channel=f"email:{CANARY}-{kind}@example.org",
            created_on=SINCE,
            confirmed_on=SINCE,
        )
        for kind, areas in AREAS.items()
        for language in ("es", "en")
    ]


def list_events(space, published):
    """Return all events of a workspace."""
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        return [*list_register_events(con, SINCE, TODAY), *list_case_events(published[1])]


def choose_events(space, watch, events):
    """Return the events of a watch."""
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        return filter_events(con, events, watch.areas, watch.polygon, watch.kinds)


def compose(space, watch, published, events, **more):
    """Return the digest of a watch of some events."""
    named = {"today": TODAY, "since": SINCE, "next_on": dt.date(2026, 4, 22), **more}
    return compose_digest(space, watch, events, published=published, **named)


def open_published(space):
    """Open the publication of a workspace."""
    return open_published_map(space, today=TODAY)
