"""Invented records that follow the events: victims, steps of cases, protection measures and consultations."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any, cast

from shapely import STRtree

from lindero.data.demo_parts import words
from lindero.data.demo_parts.communities import Community
from lindero.data.demo_parts.concessions import NOW, Concession
from lindero.data.demo_parts.incidents import Incident
from lindero.data.demo_parts.registers import Record

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
STAGES = {
    "mining": {"exploration": 60, "exploitation": 25, "beneficiation": 10, "mineral_transport": 5},
    "hydrocarbons": {"contract": 1},
}
"""What the acts consulted decide, by kind of concession, in percent; of other kinds `other`."""
OPEN_PHASES = ("measure_identified", "peoples_identified", "announced", "informed", "internal_evaluation", "dialogue")
DECIDED = ("given", "refused", "withdrawn")
CONSENT = {"not_sought": 48, "in_process": 14, "given": 12, "refused": 16, "withdrawn": 4, "unknown": 6}


def invent_victims(rng: Random, incidents: Sequence[Incident]) -> list[Record]:
    """Generate the victims: one to three groups per event, counted separately from events, without names."""
    groups = [incident for incident in incidents for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
    genders = words.draw_codes(rng, GENDERS, len(groups))
    leading = words.draw_codes(rng, IDENTITIES, len(groups))
    invented = [
        _invent_group(rng, incident, gender, identity)
        for incident, gender, identity in zip(groups, genders, leading, strict=True)
    ]
    outcome_generator = Random(f"{rng.random()}: what became of them")
    identity_generator = Random("who they were")
    incident_groups = zip(groups, (_specify_identity(identity_generator, group) for group in invented), strict=True)
    return [
        part for incident, group in incident_groups for part in _split_by_outcome(outcome_generator, incident, group)
    ]


def _split_by_outcome(rng: Random, incident: Incident, group: Record) -> list[Record]:
    """Add the outcome to a group. In a killing with many victims, the few killed become a group of their own."""
    usual_outcome = next((OUTCOMES[act] for act in incident.acts if act in OUTCOMES), "unknown")
    outcome = usual_outcome if words.happens(rng, 0.85) else "unknown"
    count = int(str(group["count"]))
    if outcome != "killed" or count <= MOST_KILLED:
        return [group | {"outcome": outcome}]
    killed = rng.randint(1, MOST_KILLED)
    return [group | {"count": killed, "outcome": outcome}, group | {"count": count - killed, "outcome": "survived"}]


def _specify_identity(rng: Random, group: Record) -> Record:
    """Call some land defenders small-scale farmers, and leave some community leaders unknown."""
    codes = {"land_defender": "small_scale_farmer", "community_leader": "unknown"}
    identity = ";".join(cast("list[str]", group["identity"]))
    is_changed = identity in codes and words.happens(rng, 0.2)
    return group | {"identity": [codes[identity]]} if is_changed else group


def _invent_group(rng: Random, incident: Incident, gender: str, identity: str) -> Record:
    has_several = gender == "mixed" or (incident.acts[0] not in ONE_ALONE and words.happens(rng, 0.45))
    identities = {identity, *rng.sample(list(IDENTITIES)[:3], rng.choice((0, 1, 1)))}
    indigenous = "indigenous" in identities and words.happens(rng, 0.85)
    return {
        "incident_id": incident.id,
        "count": rng.choice((2, 3, 4, 6, 9, 16, 28)) if has_several else 1,
        "gender": gender,
        "identity": [identity_code for identity_code in IDENTITIES if identity_code in identities],
        "people": incident.near.people if indigenous else None,
        "invented": True,
    }


def invent_steps(rng: Random, incidents: Sequence[Incident], courts: Mapping[str, str]) -> list[Record]:
    """Generate the steps of the opened cases, each after the last one and none after the snapshot."""
    return [
        record for incident in incidents if words.happens(rng, 0.7) for record in _invent_case(rng, incident, courts)
    ]


def _invent_case(rng: Random, incident: Incident, courts: Mapping[str, str]) -> list[Record]:
    against = "criminalisation" if "criminalisation" in incident.acts else "other"
    dated_on, records = incident.occurred_on, []
    for step in rng.choice(CASES[against]):
        dated_on += timedelta(days=rng.randint(10, 420))
        if dated_on > NOW:
            break
        court = courts[step].format(incident.near.territory.region)
        records.append(
            {"incident_id": incident.id, "dated_on": dated_on, "step": step, "court": court, "invented": True}
        )
    return records


def invent_measures(rng: Random, incidents: Sequence[Incident], demo: Mapping[str, Any]) -> list[Record]:
    """Generate the protection requested after some of the events since the country protects defenders."""
    since = demo["protected_since"]
    selected = [event for event in incidents if event.occurred_on >= since and words.happens(rng, 0.65)]
    statuses = words.draw_codes(rng, MEASURE_STATUSES, len(selected))
    return [_invent_measure(rng, incident, status, demo) for incident, status in zip(selected, statuses, strict=True)]


def _invent_measure(rng: Random, incident: Incident, status: str, demo: Mapping[str, Any]) -> Record:
    measure, gender_responsive, collective = rng.choices(demo["measures"], weights=(30, 20, 12, 8, 18, 8))[0]
    requested_on = min(incident.occurred_on + timedelta(days=rng.randint(2, 60)), NOW)
    granted_on = (
        min(requested_on + timedelta(days=rng.randint(5, 240)), NOW) if status in ("granted", "expired") else None
    )
    return {
        "incident_id": incident.id,
        "measure": measure,
        "provider": rng.choice(demo["providers"]),
        "gender_responsive": gender_responsive,
        "collective": collective,
        "requested_on": requested_on,
        "granted_on": granted_on,
        "status": status,
        "invented": True,
    }


def invent_consultations(
    rng: Random, communities: Sequence[Community], concessions: Sequence[Concession], demo: Mapping[str, Any]
) -> list[Record]:
    """Generate the consultations of communities on concessions that overlap their land."""
    surveyed = [item for item in communities if item.surveyed and item.type != "isolated_reserve"]
    grounds = [item.territory.to_degrees(item.ground) for item in surveyed]
    tree = STRtree([item.territory.to_degrees(item.ground.to_polygon()) for item in concessions])
    pairs = sorted(tuple(pair) for pair in tree.query(grounds, predicate="overlaps").T.tolist())
    sampled = sorted(rng.sample(pairs, len(pairs) // 3))
    consents = words.draw_codes(rng, CONSENT, len(sampled))
    records = [
        {
            "community_id": f"demo-communities/{NOW}/{surveyed[community].code}",
            "concession_id": f"demo-concessions/{NOW}/{concessions[concession].code}",
            "consent_status": consent,
            "dated_on": _draw_consultation_date(rng, concessions[concession], consent, demo["consulted_since"]),
            "invented": True,
        }
        for (community, concession), consent in zip(sampled, consents, strict=True)
    ]
    acts = Random(f"{rng.random()}: what was consulted")
    kinds = [concessions[concession].kind for _, concession in sampled]
    return [_add_act(acts, record, kind, demo) for record, kind in zip(records, kinds, strict=True)]


def _add_act(rng: Random, record: Mapping[str, object], kind: str, demo: Mapping[str, Any]) -> Record:
    """Add the consulted act of the State to a record, with its phase and its document."""
    stages = STAGES.get(kind, {"other": 1})
    stage = rng.choices(list(stages), weights=list(stages.values()))[0]
    consent, day = record["consent_status"], record["dated_on"]
    is_decided, was_held = consent in DECIDED, isinstance(day, date)
    paper = demo["resolution"].format(rng.randint(1, 999))
    return {
        "community_id": record["community_id"],
        "concession_id": record["concession_id"],
        "measure": demo["consulted"][stage],
        "stage": stage,
        "authority": demo["authority"],
        "resolution": paper if is_decided else None,
        "phase": "decision" if is_decided else rng.choice(OPEN_PHASES) if was_held else "unknown",
        "consent_status": consent,
        "contested": words.happens(rng, 0.25) if was_held else None,
        "dated_on": day,
        "sources": demo["minutes"] if was_held else demo["newspaper"],
        "document_sha256": sha256(paper.encode()).hexdigest() if is_decided else None,
        "invented": True,
    }


def _draw_consultation_date(rng: Random, concession: Concession, consent: str, since: date) -> date | None:
    """Draw a date after the application for the concession, or return None if nobody was consulted."""
    applied_on = concession.terms["applied_on"]
    if consent in ("not_sought", "unknown") or applied_on is None:
        return None
    return words.draw_date(rng, min(max(since, applied_on), NOW), NOW)
