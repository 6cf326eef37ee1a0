"""The forms of a digest: what a reader is told first, what fits one SMS, and what is in each file."""

import datetime as dt
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import icalendar
import pytest
import shapely

from lindero.app.answers.changes.event_places import EventPlace
from lindero.app.answers.changes.events import Event
from lindero.app.watch.digest import render
from lindero.app.watch.digest.digest import Digest
from lindero.app.watch.digest.digest_text import MAX_SENTENCES
from lindero.app.watch.digest.render import render_digest

SQUARE = shapely.box(-78.5, -7.0, -78.49, -6.99)
TINGO = EventPlace("communities", "a1", "El Tingo", 0.0, 64.2, "certain", 62.1)
EVENT = Event(
    "e1",
    "new",
    "concessions-1/C9",
    "concessions",
    "SEÑOR DE LOS MILAGROS",
    "Inversiones Ñahui S.A.C.",
    dt.date(2026, 4, 1),
    dt.date(2026, 3, 1),
    source_title="Catastro minero",
    publisher="INGEMMET",
    places=(TINGO,),
    geometry=SQUARE,
)
DIGEST = Digest(
    "d1",
    "w1",
    "El Tingo: 1 novedad",
    ("El Tingo",),
    "es",
    dt.date(2026, 3, 15),
    dt.date(2026, 4, 15),
    (EVENT,),
    recency=("Catastro minero: al 1 de abril de 2026",),
    next_on=dt.date(2026, 4, 22),
    data_on=dt.date(2026, 4, 1),
    ground=(SQUARE,),
)
SILENT = replace(DIGEST, title="El Tingo: sin novedades", events=())


def sms(digest):
    return render_digest(digest, "sms")[render.SMS]


def text(digest):
    return render_digest(digest, "text")[render.MESSAGE]


def named(name, **changes):
    return replace(EVENT, name=name, **changes)


def test_each_form_has_its_files():
    full = {render.SMS, render.MESSAGE, render.FORWARD, render.PAGE, render.DATES, render.PLACES, render.FEED}
    assert set(render_digest(DIGEST, "full")) == full
    assert set(render_digest(replace(DIGEST, pocket_map=("map.html", "<html>")), "full")) == {*full, "map.html"}
    assert set(render_digest(DIGEST, "text")) == {render.MESSAGE, render.FORWARD}
    assert set(render_digest(DIGEST, "sms")) == {render.SMS}
    assert set(render_digest(SILENT, "full")) == full - {render.PLACES}


def test_an_sms_says_place_event_hectares_and_the_date_of_the_data():
    assert sms(DIGEST) == (
        "El Tingo. Concesion nueva: SEÑOR DE LOS MILAGROS, 64 ha, titular Inversiones Ñahui S.A.C. Datos del 01/04/2026."
    )
    assert sms(replace(DIGEST, language="en")).endswith("holder Inversiones Ñahui S.A.C. Data: Apr 1, 2026.")
    elsewhere = replace(DIGEST, places=("Cajamarca",))
    assert "64 ha en El Tingo" in sms(elsewhere)


SOLD = named(
    "GRAN TANTAHUATAY",
    kind="holder",
    holder="Minera Nueva S.A.",
    before="Minera Vieja S.A.",
    after="Minera Nueva S.A.",
    places=(replace(TINGO, after_ha=2288.0),),
)
LONG = "Compañía de Exploraciones y Desarrollo Minero de los Andes del Norte del Perú Sociedad Anónima Cerrada"


def test_an_sms_says_the_new_holder_if_there_is_room():
    start = "El Tingo. Cambio de titular: GRAN TANTAHUATAY, 2,288 ha, ahora"
    assert sms(replace(DIGEST, events=(SOLD,))) == f"{start} Minera Nueva S.A. Datos del 01/04/2026."
    also = replace(SOLD, kind="boundary", after="", also={"holder": (SOLD.before, SOLD.after)})
    assert "ahora Minera Nueva S.A." in sms(replace(DIGEST, events=(also,)))
    cut = sms(replace(DIGEST, events=(replace(SOLD, after=LONG),)))
    assert cut.startswith(f"{start} Compañia de Exploraciones y Desarrollo")
    assert cut.endswith("... Datos del 01/04/2026.")
    assert len(cut) <= 160


def test_a_holder_in_an_sms_pushes_out_no_event_and_the_first_one_comes_first():
    events = tuple(replace(SOLD, id=str(number), name=f"ORO {number}", after=LONG) for number in range(3))
    told = sms(replace(DIGEST, events=events[:2]))

    assert "ORO 0" in told
    assert "ORO 1" in told
    assert told.count("ahora") == 1
    assert told.index("ahora") < told.index("ORO 1")
    assert len(told) <= 160


def test_the_number_of_updates_has_no_date_as_each_update_has_its_own():
    assert "1 novedad en los registros." in text(DIGEST)
    assert "15 de marzo" not in text(DIGEST)


def test_updates_without_a_place_are_under_the_name_of_the_page():
    assert "\nÚltimos cambios\n" in text(replace(DIGEST, events=(replace(EVENT, places=()),)))


def test_an_sms_counts_the_events_that_it_has_no_room_for():
    many = replace(DIGEST, events=tuple(named(f"ORO DEL NORTE {number}", id=str(number)) for number in range(30)))

    assert "ORO DEL NORTE 0" in sms(many)
    assert len(sms(many)) <= 160
    shown = sms(many).count("ORO DEL NORTE")
    assert f"+{30 - shown} mas. Datos" in sms(many)


@pytest.mark.parametrize("name", ["MINA " * 60, "X" * 300, "{[~]}" * 40])
def test_an_sms_is_cut_so_that_the_date_still_fits(name):
    told = sms(replace(DIGEST, events=(named(name), EVENT)))

    assert sum(2 if letter in "^{}\\[~]|€" else 1 for letter in told) <= 160
    assert told.endswith("... +1 mas. Datos del 01/04/2026.")
    assert told.startswith("El Tingo. Concesion nueva")


def test_a_language_with_other_letters_has_seventy():
    told = sms(replace(DIGEST, events=(named("Тайга и лес и ещё одно длинное имя участка"),)))

    assert len(told.encode("utf-16-le")) // 2 <= 70
    assert told.endswith("Datos del 01/04/2026.")


def test_a_silent_date_says_so_and_when_the_next_notice_comes():
    assert sms(SILENT) == "El Tingo. Sin novedades. Datos del 1 de abril de 2026. Proximo aviso: 22 de abril de 2026."
    assert "Sin novedades desde el 15 de marzo de 2026." in text(SILENT)
    assert "Si no llega ese día, pregunte a quien se lo envía." in text(SILENT)
    assert "Catastro minero: al 1 de abril de 2026" in text(SILENT)


def test_nothing_new_is_not_said_of_what_could_not_be_checked():
    stale = replace(SILENT, stale=("Catastro minero",))
    assert "en lo que se pudo revisar" in sms(stale)
    assert "en lo que se pudo revisar. No se pudo poner al día: Catastro minero." in text(stale)


def test_nothing_new_is_not_said_where_no_new_data_has_arrived():
    unchecked = replace(SILENT, is_checked=False)
    assert sms(unchecked).startswith("El Tingo. No llegaron datos nuevos. Datos del 1 de abril de 2026.")
    assert "no llegaron datos nuevos: no se sabe si algo cambió" in text(unchecked)
    assert "Sin novedades" not in text(unchecked)


def test_nothing_new_is_not_said_of_land_without_data():
    unknown = replace(SILENT, has_data=False, gaps="Este mapa no tiene datos de concesiones aquí.")
    for told in (sms(unknown), text(unknown)):
        assert "tiene datos de concesiones" in told
        assert "Sin novedades" not in told


def test_the_yearly_question_is_asked_when_it_is_due():
    assert "¿Todavía quiere recibir este aviso?" in text(replace(DIGEST, needs_confirmation=True))
    assert "¿Todavía quiere" not in text(DIGEST)


def test_a_source_of_all_events_is_told_once():
    assert text(replace(DIGEST, events=(EVENT, named("Otra", id="e2")))).count("INGEMMET") == 1
    other = named("Otra", id="e2", source_title="Áreas protegidas", publisher="SERNANP")
    assert text(replace(DIGEST, events=(EVENT, other))).count("INGEMMET") == 1
    assert "SERNANP" in text(replace(DIGEST, events=(EVENT, other)))


def test_events_are_grouped_by_place_and_the_rest_is_counted():
    elsewhere = named("Sin tierra", id="e2", places=())
    told = text(replace(DIGEST, events=(EVENT, elsewhere) * (MAX_SENTENCES // 2) + (EVENT,)))

    assert told.index("\nEl Tingo\n") < told.index("\nEn otros lugares\n")
    assert told.count("SEÑOR DE LOS MILAGROS") == MAX_SENTENCES // 2
    assert "- 1 más" in told


def test_a_text_to_forward_stands_alone():
    told = render_digest(replace(DIGEST, events=(EVENT,) * 5), "text")[render.FORWARD]
    assert told.startswith("El Tingo: 1 novedad\n")
    assert told.count("Fuente: Catastro minero") == 3
    assert "2 más" in told
    assert "lindero" not in told.lower()


def test_a_calendar_has_the_ends_of_terms_and_the_next_notice():
    ends = named("MINA SOL", id="e3", kind="deadline", dated_on=dt.date(2026, 6, 1), since=None)
    calendar = icalendar.Calendar.from_ical(render_digest(replace(DIGEST, events=(EVENT, ends)), "full")[render.DATES])

    told = {entry.decoded("dtstart"): str(entry["summary"]) for entry in calendar.walk("VEVENT")}
    assert set(told) == {dt.date(2026, 6, 1), dt.date(2026, 4, 22)}
    assert "MINA SOL" in told[dt.date(2026, 6, 1)]
    assert told[dt.date(2026, 4, 22)] == "Próximo aviso: El Tingo"


def test_the_file_of_places_has_the_outlines_of_concessions_only():
    land = named("Comunidad", id="e2", layer="communities")
    told = render_digest(replace(DIGEST, events=(EVENT, land)), "full")[render.PLACES].decode()
    assert "SEÑOR DE LOS MILAGROS" in told
    assert "Comunidad" not in told
    assert "Catastro minero (INGEMMET)" in told
    assert "-78.49" in told


def test_the_page_loads_nothing_and_escapes_names():
    attack = named("<script>alert(1)</script>", places=(replace(TINGO, name="<img src=//x>"),))
    page = render_digest(replace(DIGEST, events=(attack,), places=("<b>",), title="<b>: 1"), "full")[render.PAGE]

    assert "<script" not in page
    assert "<img src=//x>" not in page
    assert "<b>" not in page
    assert re.findall(r'(?:src|href)="([^"]{10})', page) == ["data:image"]
    assert "http" not in re.sub(r'http-equiv="|base64,[\w+/=]+', "", page)
    assert '<html lang="es">' in page


def test_the_feed_of_a_watch_keeps_its_id_from_one_digest_to_the_next():
    feeds = [ET.fromstring(render_digest(one, "full")[render.FEED]) for one in (DIGEST, SILENT)]
    (first, second) = (feed.findtext("{http://www.w3.org/2005/Atom}id") for feed in feeds)
    assert first == second
    assert "al 1 de abril de 2026" in feeds[1].findtext("{http://www.w3.org/2005/Atom}subtitle")


def test_invented_data_is_marked_in_every_form():
    for name, content in render_digest(replace(DIGEST, is_invented=True), "full").items():
        told = content.decode() if isinstance(content, bytes) else content
        assert "inventados" in told.replace("\r\n ", ""), name


def test_the_words_are_those_of_the_language_of_the_watch():
    assert "Próximo aviso" in text(DIGEST)
    assert "Next notice" in text(replace(DIGEST, language="en"))
