"""A pocket map tells of each community what the rules of its state ask for, as its page does."""

import pytest

from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.overlap.land import list_required_consultations, read_concessions_on_land
from lindero.app.media.phone import sentences
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.model.schema import COMMUNITIES


@pytest.mark.parametrize("language", i18n.languages())
def test_what_the_rules_ask_for_is_told_as_on_the_page_of_a_community(demonstration, language):
    _folder, con = demonstration
    i18n.set_language(language)
    pairs, _titles = read_concessions_on_land(con)
    chosen = [*pairs["right_id"].value_counts().index[:8], *map_database.read_layer(con, COMMUNITIES)["id"][:8]]
    facts = sentences.collect_facts(con, sorted(set(chosen)), pairs, read_coverage(con))

    texts = sentences.iter_community_texts(facts, facts.communities)
    told = {community: said["asked"][1:] for community, said in texts}

    acts = dict(list(facts.acts.groupby("community_id")))
    nothing = facts.acts.iloc[:0]
    assert told == {
        community: list_required_consultations(con, acts.get(community, nothing), community)
        for community in set(chosen)
    }
    assert any(told.values())
    assert all(told[community] for community in pairs["right_id"].value_counts().index[:8])
