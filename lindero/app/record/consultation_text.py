"""Consultations in sentences: which are on record, which the rules ask for, which are contested; never what is owed."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from itertools import starmap

import pandas as pd

from lindero.app.record.consultations import by_act
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.commitment_names import instrument
from lindero.app.text.dates import when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.errors import N_
from lindero.layers.reference.state_facts import ASKED, CONTESTED, NOT_ASKED, rule_by_act

COLUMN = "consultations"
_PAIR = ["community_id", "concession_id"]
NOTES = frozenset(
    {
        N_("The State's rule names later acts; the concession is not among them"),
        N_(
            "A concession by itself does not call for consultation; it does where it affects a people directly, the "
            "court held"
        ),
        N_(
            "To grant concessions on communities' land without consultation is against article 15 of Convention 169, "
            "the court held"
        ),
        N_("Concessions laid on communities' land without consultation are void, the court held"),
        N_("Before exploration may begin"),
        N_("Where the ministry finds that an indigenous people lives there and its collective rights are affected"),
        N_("Before exploitation may begin"),
        N_("Before the beneficiation concession, and so before its plant is built"),
        N_("Before mining transport may be built"),
        N_("Before the supreme decree that approves the contract for a lot; said of lots 192, 200 and 201"),
        N_("Before any act of the State that directly affects collective rights of an indigenous people"),
        N_("The regulation of Law 29785: how a consultation is held, and that its agreements are written down"),
    }
)


def beside(pairs: pd.DataFrame, acts: pd.DataFrame, *, is_covered: bool) -> pd.DataFrame:
    """
    Give overlaps of concessions with communities a column `consultations`: what is on record of each pair.

    Parameters
    ----------
    pairs
        As `layers.database.queries.map_queries.pairs` gives them.
    acts
        As `app.record.consultations.consultations_of_map` gives it.
    is_covered
        Whether the map has data of consultations at all; without, nothing can be said to be not on record.
    """
    lines = acts.assign(line=[line(row.stage, row.consent_status) for row in acts.itertuples()])
    lines_by_pair = lines.groupby(_PAIR)["line"].agg(lambda some: "; ".join(dict.fromkeys(some))).to_dict()
    keys = zip(pairs["right_id"], pairs["left_id"], strict=True)
    none = _("not on record") if is_covered else _("no data here")
    return pairs.assign(**{COLUMN: [lines_by_pair.get(key, none) for key in keys]})


def line(stage: object, consent_status: object) -> str:
    """Tell one consultation: what the act decides, and what the community answered."""
    return _("{act}: {answer}").format(act=word(stage), answer=word(consent_status))


def on_record(found: pd.DataFrame) -> str:
    """
    Say which consultations are on record of one community, or of one concession.

    Parameters
    ----------
    found
        As `app.record.consultations.acts` gives it.
    """
    is_held = found["on_record"] & (found["consent_status"] != "not_sought")
    count = int(is_held.sum())
    if not count:
        return _("No consultation is on record. That does not mean that none was held, nor that one was asked for.")
    counted = Counter(starmap(line, zip(found["stage"][is_held], found["consent_status"][is_held], strict=True)))
    lines = [f"{text} ({number(times)})" for text, times in counted.items()]
    template = ngettext("{n} consultation is on record: {acts}.", "{n} consultations are on record: {acts}.", count)
    sentence = template.format(n=number(count), acts="; ".join(lines))
    disputed = int(found["contested"][is_held].eq(other=True).sum())
    if not disputed:
        return sentence
    text = ngettext("{n} of them is contested.", "{n} of them are contested.", disputed)
    return f"{sentence} {text.format(n=number(disputed))}"


def rule(rules: pd.DataFrame, kind: str) -> str:
    """
    Say what the rules of a state ask for, for one kind of concession; empty where none is known.

    Parameters
    ----------
    rules
        As `layers.reference.state_facts.consultation_rules` gives them.
    """
    rules_by_act = rule_by_act(rules)
    stages = rules_by_act[rules_by_act["kind"] == kind].groupby("rule")["stage"].agg(list)
    texts = {
        ASKED: _("For {kind} the State's rules ask for consultation before: {acts}."),
        NOT_ASKED: _("For {kind} they do not ask for it at: {acts}."),
        CONTESTED: _("Whether it is asked for at this act is contested among rules and courts: {acts}."),
    }
    sentences = [
        text.format(kind=word(kind), acts=i18n.listed([word(stage) for stage in stages[says]]))
        for says, text in texts.items()
        if says in stages
    ]
    return " ".join(sentences)


def requirements(
    rules: pd.DataFrame, kinds: Iterable[str], *, is_point: bool, told: Callable[[str], str] | None = None
) -> list[str]:
    """
    Say what the rules of a state ask for of one community: for the kinds of concession on its land.

    Of a community known by a point nobody knows which concessions lie on its land: for all kinds that a rule names.
    `told` gives what `rule` says of a kind, where that is asked of many communities.
    """
    told = told or partial(rule, rules)
    named = rules["kind"].dropna() if is_point else ()
    lines = [line for kind in dict.fromkeys([*kinds, *named]) if (line := told(str(kind)))]
    unknown = _(
        "This community is known by a point: which concessions lie on its land is not known beyond those in which the "
        "point lies."
    )
    return [*lines, unknown] if lines and is_point else lines


def cited(rules: pd.DataFrame) -> list[str]:
    """Give each rule with its note, its source and its date, as lines of Markdown."""
    lines = []
    for row in rules.fillna({"kind": "", "stage": "", "authority": "", "note": ""}).to_dict("records"):
        act = f"{word(row['kind'])}, {word(row['stage'])}" if row["stage"] else _("any act")
        line = f"- **{plain(act)}**: {word(row['says'])} · {plain(instrument(row['instrument']))}"
        parts = [f"{line} ({when(row['stated_on'], row['date_precision'])})."]
        parts += [f"{plain(note(row['note']))}."] if row["note"] else []
        parts += [_("Who consults: {authority}.").format(authority=plain(row["authority"]))] if row["authority"] else []
        parts += [f"`{row['source_url']}`"]
        lines.append(" ".join(parts))
    return lines


def counted(found: pd.DataFrame) -> pd.DataFrame:
    """Give `app.record.consultations.by_act` with its codes in the reader's language."""
    rows = by_act(found)
    return rows.assign(
        kind=rows["kind"].map(word, na_action="ignore").fillna(_("no one title")),
        stage=rows["stage"].map(word),
        rule=rows["rule"].map(word, na_action="ignore").fillna(_("no rule on record")),
        on_record=[number(count) if count else _("not on record") for count in rows["on_record"]],
    )


# The notes of the rules of consultation that Lindero brings along, in the reader's language.


def note(text: str) -> str:
    """Say a note of `data/consultation_rules.csv`."""
    return _(text) if text in NOTES else text
