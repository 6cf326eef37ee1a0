"""What followed the invented events: who was hit, how cases went, what protection was asked for, consent sought."""

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from random import Random

from shapely import STRtree

from lindero.data.demo_parts import words
from lindero.data.demo_parts.communities import Community
from lindero.data.demo_parts.concessions import NOW, Concession
from lindero.data.demo_parts.files import Record
from lindero.data.demo_parts.incidents import Incident

GENDERS = {"man": 44, "woman": 32, "mixed": 14, "unknown": 8, "other": 2}
IDENTITIES = {
    "community_leader": 20, "land_defender": 34, "indigenous": 26, "afro_descendant": 2, "woman_defender": 12,
    "lgbti": 2, "journalist": 4, "lawyer": 4, "union": 3, "park_ranger": 4, "relative": 8, "other": 2,
}  # fmt: skip
ONE_ALONE = ("killing", "attempted_killing", "enforced_disappearance", "torture", "abduction", "sexual_violence")

CASES = {
    "criminalisation": (
        ("complaint", "investigation"),
        ("complaint", "investigation", "charge"),
        ("complaint", "investigation", "charge", "trial", "acquittal"),
        ("complaint", "investigation", "charge", "trial", "conviction", "appeal", "acquittal"),
        ("investigation", "archived"),
    ),
    "other": (
        ("complaint",),
        ("complaint", "investigation"),
        ("complaint", "archived"),
        ("complaint", "investigation", "archived"),
        ("complaint", "investigation", "charge", "trial", "conviction"),
    ),
}
"""How cases go: those against defenders, and those against who attacked them."""

COURTS = {
    "complaint": "Fiscalía Ejemplo de {} (inventada)",
    "investigation": "Fiscalía Ejemplo de {} (inventada)",
    "archived": "Fiscalía Ejemplo de {} (inventada)",
    "charge": "Juzgado de Investigación Ejemplo de {} (inventado)",
    "trial": "Juzgado Unipersonal Ejemplo de {} (inventado)",
    "acquittal": "Juzgado Unipersonal Ejemplo de {} (inventado)",
    "conviction": "Juzgado Unipersonal Ejemplo de {} (inventado)",
    "appeal": "Sala de Apelaciones Ejemplo de {} (inventada)",
}

MEASURES = (  # measure, gender-responsive, collective
    ("Rondas policiales", False, False),
    ("Botón de emergencia y radio", False, False),
    ("Acompañamiento psicosocial para mujeres y sus familias", True, False),
    ("Casa de acogida con cuidado de hijas e hijos", True, False),
    ("Radio comunal y vigilancia del territorio", False, True),
    ("Plan colectivo de protección acordado con las mujeres de la comunidad", True, True),
)
PROVIDERS = (
    "Ministerio Ejemplo (inventado)",
    "Policía Ejemplo (inventada)",
    "Organización Ejemplo (inventada)",
    "Federación Ejemplo (inventada)",
)
OUTCOMES = {
    "killing": "killed",
    "enforced_disappearance": "disappeared",
    "attempted_killing": "survived",
    "arbitrary_detention": "detained",
    "physical_violence": "injured",
    "police_violence": "injured",
    "forced_eviction": "displaced",
}
"""What became of those attacked, by the gravest act of an event; of other acts nothing is told."""
MOST_KILLED = 2
MEASURE_STATUSES = {"requested": 30, "granted": 38, "refused": 18, "expired": 10, "unknown": 4}
CONSULTED_SINCE = date(2012, 4, 3)  # when Peru regulated prior consultation (DS 001-2012-MC)
STAGES = {
    "mining": {"exploration": 60, "exploitation": 25, "beneficiation": 10, "mineral_transport": 5},
    "hydrocarbons": {"contract": 1},
}
"""What the acts consulted decide, by kind of concession, in percent; of other kinds `other`."""
MEASURES_CONSULTED = {
    "exploration": "Autorización de inicio de exploración de ejemplo (inventada)",
    "exploitation": "Autorización de inicio de explotación de ejemplo (inventada)",
    "beneficiation": "Concesión de beneficio de ejemplo (inventada)",
    "mineral_transport": "Autorización de transporte minero de ejemplo (inventada)",
    "contract": "Decreto que aprueba un contrato de ejemplo (inventado)",
    "other": "Permiso de ejemplo (inventado)",
}
OPEN_PHASES = ("measure_identified", "peoples_identified", "announced", "informed", "internal_evaluation", "dialogue")
DECIDED = ("given", "refused", "withdrawn")
CONSENT = {"not_sought": 48, "in_process": 14, "given": 12, "refused": 16, "withdrawn": 4, "unknown": 6}


def victims(rng: Random, incidents: Sequence[Incident]) -> list[Record]:
    """Invent who was hit: one to three groups an event, counted apart from events; never a name."""
    groups = [incident for incident in incidents for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
    genders = words.deal(rng, GENDERS, len(groups))
    leading = words.deal(rng, IDENTITIES, len(groups))
    invented = [
        _victims(rng, incident, gender, identity)
        for incident, gender, identity in zip(groups, genders, leading, strict=True)
    ]
    fates = Random(f"{rng.random()}: what became of them")
    told = zip(groups, invented, strict=True)
    return [part for incident, group in told for part in _by_outcome(fates, incident, group)]


def _by_outcome(rng: Random, incident: Incident, group: Record) -> list[Record]:
    """Say what became of a group; of many in one killing few were killed, and are told apart from the others."""
    usual = next((OUTCOMES[act] for act in incident.acts if act in OUTCOMES), "unknown")
    outcome = usual if words.happens(rng, 0.85) else "unknown"
    count = int(str(group["count"]))
    if outcome != "killed" or count <= MOST_KILLED:
        return [group | {"outcome": outcome}]
    killed = rng.randint(1, MOST_KILLED)
    return [group | {"count": killed, "outcome": outcome}, group | {"count": count - killed, "outcome": "survived"}]


def _victims(rng: Random, incident: Incident, gender: str, identity: str) -> Record:
    several = gender == "mixed" or (incident.acts[0] not in ONE_ALONE and words.happens(rng, 0.45))
    identities = {identity, *rng.sample(list(IDENTITIES)[:3], rng.choice((0, 1, 1)))}
    indigenous = "indigenous" in identities and words.happens(rng, 0.85)
    return {
        "incident_id": incident.id,
        "count": rng.choice((2, 3, 4, 6, 9, 16, 28)) if several else 1,
        "gender": gender,
        "identity": [each for each in IDENTITIES if each in identities],
        "people": incident.near.people if indigenous else None,
        "invented": True,
    }


def steps(rng: Random, incidents: Sequence[Incident]) -> list[Record]:
    """Invent the steps of the cases that were opened, each after the last and none after the snapshot."""
    return [record for incident in incidents if words.happens(rng, 0.7) for record in _case(rng, incident)]


def _case(rng: Random, incident: Incident) -> list[Record]:
    against = "criminalisation" if "criminalisation" in incident.acts else "other"
    day, records = incident.occurred_on, []
    for step in rng.choice(CASES[against]):
        day += timedelta(days=rng.randint(10, 420))
        if day > NOW:
            break
        court = COURTS[step].format(incident.near.territory.region)
        records.append({"incident_id": incident.id, "dated_on": day, "step": step, "court": court, "invented": True})
    return records


def measures(rng: Random, incidents: Sequence[Incident]) -> list[Record]:
    """Invent the protection asked for after half of the events since 2019, when there first was a way to ask."""
    asked = [each for each in incidents if each.occurred_on >= date(2019, 4, 25) and words.happens(rng, 0.65)]
    statuses = words.deal(rng, MEASURE_STATUSES, len(asked))
    return [_measure(rng, incident, status) for incident, status in zip(asked, statuses, strict=True)]


def _measure(rng: Random, incident: Incident, status: str) -> Record:
    measure, gender_responsive, collective = rng.choices(MEASURES, weights=(30, 20, 12, 8, 18, 8))[0]
    requested = min(incident.occurred_on + timedelta(days=rng.randint(2, 60)), NOW)
    granted = min(requested + timedelta(days=rng.randint(5, 240)), NOW) if status in ("granted", "expired") else None
    return {
        "incident_id": incident.id,
        "measure": measure,
        "provider": rng.choice(PROVIDERS),
        "gender_responsive": gender_responsive,
        "collective": collective,
        "requested_on": requested,
        "granted_on": granted,
        "status": status,
        "invented": True,
    }


def consultations(rng: Random, communities: Sequence[Community], concessions: Sequence[Concession]) -> list[Record]:
    """Invent what was asked of communities on whose ground a concession lies."""
    surveyed = [each for each in communities if each.surveyed and each.type != "isolated_reserve"]
    grounds = [each.territory.in_degrees(each.ground) for each in surveyed]
    tree = STRtree([each.territory.in_degrees(each.ground.polygon()) for each in concessions])
    pairs = sorted(tuple(pair) for pair in tree.query(grounds, predicate="overlaps").T.tolist())
    sampled = sorted(rng.sample(pairs, len(pairs) // 3))
    consents = words.deal(rng, CONSENT, len(sampled))
    asked = [
        {
            "community_id": f"demo-communities/{NOW}/{surveyed[community].code}",
            "concession_id": f"demo-concessions/{NOW}/{concessions[concession].code}",
            "consent_status": consent,
            "dated_on": _consulted(rng, concessions[concession], consent),
            "invented": True,
        }
        for (community, concession), consent in zip(sampled, consents, strict=True)
    ]
    acts = Random(f"{rng.random()}: what was consulted")
    kinds = [concessions[concession].kind for _, concession in sampled]
    return [_act(acts, record, kind) for record, kind in zip(asked, kinds, strict=True)]


def _act(rng: Random, record: Record, kind: str) -> Record:
    """Say which act of the State was consulted, how far that came, and by what paper."""
    stages = STAGES.get(kind, {"other": 1})
    stage = rng.choices(list(stages), weights=list(stages.values()))[0]
    consent, day = record["consent_status"], record["dated_on"]
    is_decided, is_held = consent in DECIDED, isinstance(day, date)
    paper = f"Resolución Ejemplo N.° {rng.randint(1, 999):03} (inventada)"
    return {
        "community_id": record["community_id"],
        "concession_id": record["concession_id"],
        "measure": MEASURES_CONSULTED[stage],
        "stage": stage,
        "authority": "Ministerio Ejemplo (inventado)",
        "resolution": paper if is_decided else None,
        "phase": "decision" if is_decided else rng.choice(OPEN_PHASES) if is_held else "unknown",
        "consent_status": consent,
        "contested": words.happens(rng, 0.25) if is_held else None,
        "dated_on": day,
        "sources": "Acta de consulta de ejemplo (inventada)" if is_held else "Diario Ejemplo (inventado)",
        "document_sha256": sha256(paper.encode()).hexdigest() if is_decided else None,
        "invented": True,
    }


def _consulted(rng: Random, concession: Concession, consent: str) -> date | None:
    """Draw a day after the concession was applied for, if anybody was asked at all."""
    applied = concession.terms["applied_on"]
    if consent in ("not_sought", "unknown") or applied is None:
        return None
    return words.a_day(rng, min(max(CONSULTED_SINCE, applied), NOW), NOW)
