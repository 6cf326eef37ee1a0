"""Translations of codes: vocabularies, reasons, repairs and findings."""

from lindero.app.text.home_country import level_name
from lindero.app.text.i18n import _, current_language
from lindero.layers.errors import N_
from lindero.layers.model.parse_values import is_null
from lindero.layers.model.vocabularies import VOCABULARIES

WORDS: dict[str, str] = {
    "concessions": N_("Concessions"),
    "protected_areas": N_("Protected areas"),
    "communities": N_("Communities"),
    "incidents": N_("Attacks and conflicts"),
    "regions": N_("Regions"),
    "places": N_("Places"),
    "mining_scars": N_("Mining scars"),
    "acts": N_("Acts of violence"),
    "victims": N_("People attacked"),
    "case_steps": N_("Steps in court"),
    "protection_measures": N_("Protection measures"),
    "consultations": N_("Consultations"),
    "commitments": N_("State commitments"),
    # concession_kind, sector
    "mining": N_("mining"),
    "processing_plant": N_("processing plant"),
    "tailings": N_("tailings deposit"),
    "hydrocarbons": N_("oil and gas"),
    "forestry": N_("forestry"),
    "agro_industry": N_("agro-industry"),
    "hydropower": N_("hydropower"),
    "infrastructure": N_("infrastructure"),
    "poaching": N_("poaching"),
    "fishing": N_("fishing"),
    "conservation": N_("conservation"),
    "other": N_("other"),
    "several": N_("several kinds"),  # concessions of several kinds on the same ground
    "unknown": N_("unknown"),
    # concession_status
    "applied": N_("applied for"),
    "granted": N_("granted"),
    "suspended": N_("suspended"),
    "expired": N_("expired"),
    # iucn_category, governance, area_status, zone, kinds of places in a search
    "not_reported": N_("not reported"),
    "government": N_("government"),
    "shared": N_("shared"),
    "private": N_("private"),
    "community": N_("community"),
    "proposed": N_("proposed"),
    "designated": N_("designated"),
    "established": N_("established"),
    "degazetted": N_("degazetted"),
    "core": N_("area itself"),
    "buffer": N_("buffer zone"),
    "concession": N_("concession"),
    "protected_area": N_("protected area"),
    # community_type, recognition
    "native": N_("native community"),
    "peasant": N_("peasant community"),
    "indigenous_territory": N_("indigenous territory"),
    "isolated_reserve": N_("reserve for peoples in isolation"),
    "afro_descendant": N_("Afro-descendant"),
    "titled": N_("titled"),
    "recognised": N_("recognised"),
    "in_process": N_("in process"),
    "claimed": N_("claimed"),
    # consent_status
    "not_sought": N_("not sought, per the source"),
    "given": N_("gave consent"),
    "refused": N_("refused"),
    "withdrawn": N_("withdrew consent"),
    # consultation_stage: the subject of the act
    "exploration": N_("start of exploration"),
    "exploitation": N_("start of exploitation"),
    "beneficiation": N_("beneficiation concession"),
    "mineral_transport": N_("mining transport"),
    "contract": N_("contract for exploration or exploitation"),
    # consultation_phase
    "measure_identified": N_("identification of the act"),
    "peoples_identified": N_("identification of the peoples"),
    "announced": N_("announcement"),
    "informed": N_("information"),
    "internal_evaluation": N_("internal evaluation"),
    "dialogue": N_("dialogue"),
    "decision": N_("decision"),
    # answers of a rule about an act
    "asked": N_("consultation asked for"),
    "not_asked": N_("consultation not asked for"),
    "contested": N_("contested"),
    # precision
    "day": N_("day"),
    "month": N_("month"),
    "year": N_("year"),
    "period": N_("period"),
    "exact": N_("exact place"),
    "locality": N_("locality"),
    "mining_project": N_("mining project"),
    "district": N_("district"),
    "province": N_("province"),
    "region": N_("region"),
    "department": N_("department"),
    "departments": N_("Departments"),
    "provinces": N_("Provinces"),
    "districts": N_("Districts"),
    "country": N_("country"),
    # perpetrator_kind
    "police": N_("police"),
    "armed_forces": N_("armed forces"),
    "state_official": N_("state official"),
    "private_security": N_("private security"),
    "company": N_("company"),
    "landowner": N_("landowner"),
    "organised_crime": N_("organised crime"),
    "hired_killer": N_("hired killer"),
    "paramilitary": N_("paramilitary group"),
    "poacher": N_("poacher"),
    # conflict_phase
    "latent": N_("latent"),
    "early": N_("early phase"),
    "escalating": N_("escalating"),
    "crisis": N_("in crisis"),
    "de_escalating": N_("de-escalating"),
    "ended": N_("ended"),
    # act_type
    "killing": N_("killing"),
    "attempted_killing": N_("attempted killing"),
    "enforced_disappearance": N_("enforced disappearance"),
    "torture": N_("torture"),
    "arbitrary_detention": N_("arbitrary detention"),
    "abduction": N_("abduction"),
    "physical_violence": N_("physical violence"),
    "police_violence": N_("police violence"),
    "sexual_violence": N_("sexual violence"),
    "criminalisation": N_("criminalisation"),
    "threat": N_("threat"),
    "stigmatisation": N_("stigmatisation"),
    "surveillance": N_("surveillance"),
    "forced_eviction": N_("forced eviction"),
    "property_damage": N_("property damage"),
    # victim_outcome
    "killed": N_("killed"),
    "disappeared": N_("disappeared"),
    "injured": N_("injured"),
    "detained": N_("detained"),
    "displaced": N_("displaced"),
    "survived": N_("survived"),
    # gender, identity
    "woman": N_("woman"),
    "man": N_("man"),
    "mixed": N_("women and men"),
    "community_leader": N_("community leader"),
    "land_defender": N_("land defender"),
    "small_scale_farmer": N_("small-scale farmer"),
    "indigenous": N_("indigenous"),
    "woman_defender": N_("woman defender"),
    "lgbti": N_("LGBTI"),
    "journalist": N_("journalist"),
    "lawyer": N_("lawyer"),
    "union": N_("trade unionist"),
    "park_ranger": N_("park ranger"),
    "relative": N_("relative"),
    # case_step, measure_status, commitment_stage
    "complaint": N_("complaint"),
    "investigation": N_("investigation"),
    "charge": N_("charge"),
    "trial": N_("trial"),
    "acquittal": N_("acquittal"),
    "conviction": N_("conviction"),
    "appeal": N_("appeal"),
    "archived": N_("case shelved"),
    "open": N_("case open"),
    "nothing_known": N_("no court steps recorded"),
    "requested": N_("requested"),
    "adopted": N_("adopted"),
    "signed": N_("signed"),
    "ratified": N_("ratified"),
    "in_force": N_("in force"),
    "superseded": N_("replaced"),
    "rejected": N_("rejected"),
    "pending": N_("pending"),
    "recommended": N_("recommendations"),
    "not_joined": N_("not a party"),
    "treaty": N_("treaty"),
    "review": N_("review by other States"),
    "national": N_("national measure"),
    # verified
    "yes": N_("yes"),
    "no": N_("no"),
    "copy": N_("in a copy"),
    "disputed": N_("disputed"),
    # visibility
    "public_record": N_("public record"),
    "restricted": N_("restricted"),
    "confidential": N_("confidential"),
    # certainty
    "certain": N_("certain"),
    "possible": N_("possible"),
    "sliver": N_("within the margin of error"),
    # changes of a register
    "new": N_("new"),
    "case": N_("step in court"),
    "deadline": N_("end of a term is near"),
    "gone": N_("no longer listed"),
    "renumbered": N_("code changed"),
    "holder": N_("holder changed"),
    "holder_respelt": N_("holder spelt differently"),
    "status": N_("status changed"),
    "boundary": N_("boundary changed"),
    # frequencies and forms of watches
    "each_run": N_("each time something changes"),
    "weekly": N_("every week"),
    "monthly": N_("every month"),
    "full": N_("message, page, places and dates"),
    "text": N_("text only"),
    "sms": N_("one SMS"),
    # hotspots
    "hot": N_("hotspot"),
    "high": N_("high, but chance cannot be ruled out"),
    "cold": N_("coldspot"),
    "none": N_("not distinguishable from chance"),
    # directions
    "n": N_("north"),
    "ne": N_("north-east"),
    "e": N_("east"),
    "se": N_("south-east"),
    "s": N_("south"),
    "sw": N_("south-west"),
    "w": N_("west"),
    "nw": N_("north-west"),
    "here": N_("here"),
    # results of checking a service
    "as_expected": N_("as expected"),
    "changed": N_("changed"),
    "not_reached": N_("not reached"),
    "by_hand": N_("download by hand"),
    # reasons of rejection
    "no_geometry": N_("no geometry"),
    "not_a_line": N_("not a line, but a point or an area"),
    "no_length": N_("a line without length"),
    "line_outside_the_country": N_("a line far from the workspace's country"),
    "empty_geometry": N_("empty geometry"),
    "not_finite": N_("coordinates that are not numbers"),
    "wrong_geometry_type": N_("geometry of a type that the layer does not accept"),
    "vertex_of_boundary": N_(
        "one of several points with the same code: a vertex of a boundary, not a place of its own"
    ),
    "several_points": N_(
        "several points for one place: if they are vertices of a boundary, ask the sender for a polygon; "
        "if they are places, put each one in its own row"
    ),
    "no_area": N_("a polygon without area"),
    "ambiguous_geometry": N_("a boundary that crosses itself: it can be read in more than one way"),
    "unreadable_geometry": N_("geometry that cannot be read"),
    "cell_is_no_geometry": N_("the cell of the geometry column does not contain a geometry (WKT, WKB or GeoJSON)"),
    "curves_in_cell": N_(
        "a curve (CURVEPOLYGON, for example) cannot be read from a cell: save it with straight edges "
        "(Segmentize in QGIS, ST_CurveToLine in PostGIS) or as GeoPackage"
    ),
    "other_reference_system": N_("the geometry states a different coordinate reference system from most rows"),
    "fields_do_not_fit_header": N_("more or fewer fields than the header"),
    "blank_row": N_("a blank row between other rows"),
    "formula_without_result": N_(
        "a formula without a stored result: open the file in a spreadsheet program, save it and add it again"
    ),
    "nested_wrongly": N_("coordinates nested too deep or not deep enough: they can be read in more than one way"),
    "required_column_empty": N_("a required column is empty"),
    "needs_the_vault": N_("not a public record: left out of the map"),
    "consent_withdrawn": N_("consent was withdrawn"),
    "like_withdrawn": N_(
        "similar to a record whose consent was withdrawn: not shown until somebody says whether it is the same one"
    ),
    "incident_not_on_the_map": N_("belongs to an incident that is not on the map"),
    # repairs
    "ring_closed": N_("an open ring was closed"),
    "rings_side_by_side": N_("rings listed side by side were sorted into parts and holes by their position"),
    "rings_cross": N_("rings listed side by side cross or coincide: they can be read in more than one way"),
    "other_hectares": N_("the only likely reading does not have the hectares that the register states"),
    "reading_accepted": N_("somebody accepted the likely reading of a boundary that crosses itself"),
    "nesting_mended": N_("coordinates nested too deep or not deep enough were read in the only possible way"),
    "control_characters_dropped": N_("invisible control characters were left out"),
    "letters_mended": N_("letters that had been decoded twice were repaired"),
    "z_dropped": N_("heights were removed"),
    "ring_filled": N_("a closed line was read as the boundary of an area"),
    "parts_dropped": N_("lines and points were removed from a polygon"),
    "antimeridian_split": N_("split at the antimeridian"),
    "longitude_wrapped": N_("longitude was converted to the range -180 to 180"),
    "made_valid": N_("a boundary that touches or crosses itself was repaired"),
    # findings
    "not_readable": N_("a value that cannot be read was left empty"),
    "not_in_vocabulary": N_("a value that is not recognised"),
    "duplicate_code": N_("the same code as an earlier row"),
    "duplicate_geometry": N_("the same geometry as an earlier row"),
    "garbled_letters": N_("broken letters (Ã‘ for Ñ)"),
    "outside_declared_coverage": N_("outside the coverage that was declared for the source"),
    "digits_lost": N_("a number so long that its last digits may be lost"),
    "title_rows_skipped": N_("title lines above the header were skipped"),
    "hidden_row": N_("a row that is hidden in the workbook was read; --sublayer visible leaves hidden rows out"),
    "hidden_row_left_out": N_("hidden in the workbook: left out"),
    "hidden_rows_not_known": N_("hidden rows cannot be recognised in this format: any hidden rows were read too"),
    "hidden_sheet_read": N_("the sheet that was read is hidden in the workbook"),
    "hidden_sheets_left_out": N_("hidden sheets of the workbook were not read; --sublayer NAME reads one"),
    "header_of_two_rows": N_("a header of two rows was read as one"),
    "encoding_not_as_claimed": N_("the text was read in a different encoding from the one stated"),
    "curves_straightened": N_("curves were read as many short straight segments"),
    "outside_the_country": N_("no row is in the workspace's country: the coordinate reference system may be wrong"),
    "far_from_the_country": N_("no row is near the workspace's country: the coordinate reference system may be wrong"),
    "displaced_by_datum": N_(
        "shifted from the same rows of another source on the map, as when coordinates are read in the "
        "wrong datum (metres and bearing; rows that agree, and the source; the system that explains it)"
    ),
    "displaced_by_no_datum": N_(
        "shifted from the same rows of another source on the map, all by one offset that no datum "
        "explains (metres and bearing; rows that agree, and the source)"
    ),
    "datum_shifted": N_(
        "coordinates were transformed from an old datum to WGS 84 (operation and best possible accuracy)"
    ),
    "datum_not_known": N_(
        "no transformation from this datum to WGS 84 is known: places may be off by hundreds of metres"
    ),
    "boundaries_too_long": N_("boundaries too long for a workbook cell and left out (gpkg keeps all of them)"),
    "texts_cut": N_("texts too long for a Shapefile and cut at the end (gpkg keeps them whole)"),
    "snapshot_put_aside": N_("a newer file that is not on the map, because it does not seem to be complete"),
    "file_in_workspace": N_("the workspace already has this file"),
    "no_place": N_(
        "no place is recorded: it is listed but not mapped (for fields with coordinates: longitude=…, latitude=…)"
    ),
    "hectares_differ": N_("official and drawn hectares differ by more than a tenth"),
    "hectares_of_zero": N_("official hectares are 0, as if they were not known (official / drawn)"),
    "hectares_in_another_unit": N_(
        "official hectares are in a different unit: leave the field out (--field area_official_ha=)"
    ),
    "day_or_month_first": N_("dates that could begin with the day or the month: add --day-first or --month-first"),
    "year_of_two_digits": N_("two-digit years were read as 1950 to 2049"),
    "default_date": N_("a date that programs write when the real one is missing: check whether it is right"),
    "days_since_1900": N_("dates given only as numbers were read as days since 1900, as in spreadsheets"),
    "seconds_since_1970": N_("dates given only as numbers were read as seconds since 1970"),
    "fields_in_description": N_("fields were read from the description of each place"),
    "cut_off_by_its_server": N_("the server cut the file off at its limit: there are more rows"),
    "degrees_among_metres": N_("degrees among rows in metres: this row is not in the same coordinate reference system"),
    "thousands_or_decimals": N_("numbers like 1.234 were read as decimals; write thousands without a point"),
    "link_not_followed": N_("a link to external data was not followed"),
    "reader_warned": N_("warning from the file reader"),
    "in_the_ocean": N_("in the ocean"),
    "swapped_axes": N_("would be on land if latitude and longitude were swapped"),
    "far_from_the_rest": N_(
        "far from all other rows: a minus sign may be missing, or the axes of this row may be swapped"
    ),
    "round_the_earth": N_("spans half the Earth: it may cross the 180th meridian without being cut there"),
    "null_island": N_("at latitude 0, longitude 0"),
    "coordinate_of_zero": N_("one coordinate is 0, as if it were not known"),
    "row_outside_the_country": N_("outside the workspace's country"),
    "out_of_range": N_("coordinates that do not exist on Earth"),
    "not stated": N_("not stated"),  # a licence
    "same_day": N_("same day"),  # duplicates
    "near_day": N_("a few days apart"),
    "date_agrees": N_("compatible dates"),
    "same_region": N_("same region"),
    "same_act": N_("same act"),
    "alike_words": N_("similar wording"),
    "same_words": N_("same wording"),
    "same_person": N_("a number or a name in common"),
    "country_not_known": N_("a country that is not known; the row belongs to no country"),
    "region_not_known": N_("a region that is not in the gazetteer"),
    "region_by_near_name": N_("a region matched by a similar name or by part of the text received"),
}


def translate_code(code: object) -> str:
    """Translate a code. Text that is not a known code, such as an IUCN category, is returned unchanged."""
    text = "unknown" if is_null(code) else str(code)
    return level_name(text, current_language()) or (_(WORDS[text]) if text in WORDS else text)


def title_text(title: object) -> str:
    """Translate a title that is only the code of an act, as in sources that state no more; else return the title."""
    text = "" if is_null(title) else str(title)
    return translate_code(text.lower()).capitalize() if text.lower() in VOCABULARIES["act_type"] else text


def class_label(code: str) -> str:
    """Return the label of a class of features in the reader's language."""
    name = _("other concessions") if code == "other" else translate_code(code)
    return name[:1].upper() + name[1:]
