"""Text about consultations: which are recorded, required by rules, or contested.

It never says that a consultation is owed.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from itertools import starmap

import pandas as pd

from lindero.app.answers.record.consultations import count_by_act
from lindero.app.text import i18n
from lindero.app.text.codes import translate_code
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.app.text.pack_texts import translate_pack_text
from lindero.layers.reference.state_facts import ASKED, CONTESTED, NOT_ASKED, combine_rules

COLUMN = "consultations"
_PAIR = ["community_id", "concession_id"]


def add_consultations(pairs: pd.DataFrame, acts: pd.DataFrame, *, is_covered: bool) -> pd.DataFrame:
    """Add a column `consultations` to overlaps of concessions with communities: those recorded for each pair.

    `pairs`: the result of `layers.database.queries.derived_queries.read_overlap_pairs`. `acts`: the result of
    `app.answers.record.consultations.read_consultations`.
    """
    lines = acts.assign(line=[format_consultation(row.stage, row.consent_status) for row in acts.itertuples()])
    lines_by_pair = lines.groupby(_PAIR)["line"].agg(lambda texts: "; ".join(dict.fromkeys(texts))).to_dict()
    keys = zip(pairs["right_id"], pairs["left_id"], strict=True)
    none = _("not on record") if is_covered else _("no data here")
    return pairs.assign(**{COLUMN: [lines_by_pair.get(key, none) for key in keys]})


def format_consultation(stage: object, consent_status: object) -> str:
    """Format one consultation: the act, and the answer of the community."""
    return _("{act}: {answer}").format(act=translate_code(stage), answer=translate_code(consent_status))


def consultations_text(consultations: pd.DataFrame) -> str:
    """Describe the recorded consultations of one community or one concession.

    `consultations`: the result of `app.answers.record.consultations.list_acts`.
    """
    is_held = consultations["on_record"] & (consultations["consent_status"] != "not_sought")
    count = int(is_held.sum())
    if not count:
        return _("No consultation is recorded. That does not mean that none was held, or that the rules ask for one.")
    counts = Counter(
        starmap(
            format_consultation,
            zip(consultations["stage"][is_held], consultations["consent_status"][is_held], strict=True),
        )
    )
    lines = [f"{text} ({format_number(times)})" for text, times in counts.items()]
    template = ngettext("{n} consultation is recorded: {acts}.", "{n} consultations are recorded: {acts}.", count)
    sentence = template.format(n=format_number(count), acts="; ".join(lines))
    disputed = int(consultations["contested"][is_held].eq(other=True).sum())
    if not disputed:
        return sentence
    text = ngettext("{n} of them is contested.", "{n} of them are contested.", disputed)
    return f"{sentence} {text.format(n=format_number(disputed))}"


def rule_text(rules: pd.DataFrame, kind: str) -> str:
    """Describe the acts for which a state's rules require consultation, for one kind of concession; empty if unknown.

    `rules`: the result of `layers.reference.state_facts.consultation_rules`.
    """
    rules_by_act = combine_rules(rules)
    stages = rules_by_act[rules_by_act["kind"] == kind].groupby("rule")["stage"].agg(list)
    texts = {
        ASKED: _("For {kind}, the State's rules ask for consultation before: {acts}."),
        NOT_ASKED: _("For {kind}, the rules do not ask for consultation at: {acts}."),
        CONTESTED: _("Rules and courts differ on whether consultation is asked for at: {acts}."),
    }
    sentences = [
        text.format(
            kind=translate_code(kind), acts=i18n.join_texts([translate_code(stage) for stage in stages[verdict]])
        )
        for verdict, text in texts.items()
        if verdict in stages
    ]
    return " ".join(sentences)


def list_requirements(
    rules: pd.DataFrame, kinds: Iterable[str], *, is_point: bool, describe: Callable[[str], str] | None = None
) -> list[str]:
    """List the rules of a state for the kinds of concession on a community's land.

    If a community is known only by a point, the concessions on its land are unknown. Then all kinds that a rule names
    are listed. `describe` replaces `rule_text`, to reuse its results for many communities.
    """
    describe = describe or partial(rule_text, rules)
    rule_kinds = rules["kind"].dropna() if is_point else ()
    lines = [text for kind in dict.fromkeys([*kinds, *rule_kinds]) if (text := describe(str(kind)))]
    unknown = _(
        "This map has only a point for this community. The concessions at that point are known; there "
        "may be others on its land."
    )
    return [*lines, unknown] if lines and is_point else lines


def cite_rules(rules: pd.DataFrame) -> list[str]:
    """Return each rule with its note, source and date, as lines of Markdown."""
    lines = []
    for row in rules.fillna({"kind": "", "stage": "", "authority": "", "note": ""}).to_dict("records"):
        act = ", ".join(translate_code(code) for code in (row["kind"], row["stage"]) if code) or _("any act")
        instrument = escape_markdown(translate_pack_text(row["instrument"]))
        text = f"- **{escape_markdown(act)}**: {translate_code(row['says'])} · {instrument}"
        parts = [f"{text} ({format_partial_date(row['stated_on'], row['date_precision'])})."]
        parts += [f"{escape_markdown(translate_pack_text(row['note']))}."] if row["note"] else []
        parts += (
            [_("Who consults: {authority}.").format(authority=escape_markdown(row["authority"]))]
            if row["authority"]
            else []
        )
        parts += [f"`{row['source_url']}`"]
        lines.append(" ".join(parts))
    return lines


def count_in_words(consultations: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of `app.answers.record.consultations.count_by_act`, with codes translated for the reader."""
    rows = count_by_act(consultations)
    return rows.assign(
        kind=rows["kind"].map(translate_code, na_action="ignore").fillna(_("not one concession in particular")),
        stage=rows["stage"].map(translate_code),
        rule=rows["rule"].map(translate_code, na_action="ignore").fillna(_("no rule recorded")),
        on_record=[format_number(count) if count else _("not on record") for count in rows["on_record"]],
    )
