"""Translations of the names and notes of the commitments bundled with Lindero."""

from lindero.app.text.i18n import _
from lindero.layers.errors import N_

INSTRUMENTS = frozenset(
    {
        N_("Escazú Agreement"),
        N_("ILO Convention 169"),
        N_("Universal Periodic Review, second cycle"),
        N_("Universal Periodic Review, third cycle"),
        N_("Universal Periodic Review, fourth cycle"),
        N_("Ley 418 de 1997: protection programme"),
    }
)
NOTES = frozenset(
    {
        N_(
            "177 of 182 recommendations accepted, some of them on defenders. The source gives the date "
            "15 March 2017, but the report (A/HRC/37/8) is from the session of February and March 2018"
        ),
        N_(
            "Accession, announced by the prime minister; the dates of deposit and of entry into force were "
            "not confirmed"
        ),
        N_("Accession, without a prior signature"),
        N_("Amends DS 004-2021-JUS"),
        N_(
            "Shelved again by the same committee, by 10 votes to 2 with 1 abstention; an article of "
            "Tuesday 12 July says that it was on Monday"
        ),
        N_("Shelved by the Foreign Relations Committee of Congress, by 9 votes to 3; it never reached the plenary"),
        N_("By DS 004-2021-JUS"),
        N_("By presidential decree"),
        N_("Calculated date: twelve months after ratification, under article 38 of the Convention"),
        N_(
            "Intersectoral mechanism of eight ministries for the protection of human rights defenders; "
            "the date is that of its publication"
        ),
        N_("National Human Rights Plan 2018-2021, which promises a mechanism for defenders"),
        N_(
            "Not signed while it was open for signature (until 26 September 2020), and not acceded to, "
            "according to a list of 2023 with 15 parties; not checked since"
        ),
        N_("Not ratified by March 2017, when 15 countries of the region had ratified it; not checked since"),
        N_(
            "Protocol for the protection of human rights defenders. Amnesty International (AMR "
            "46/0358/2019) and others give its number as 059-2019-JUS; the date is that of its "
            "publication"
        ),
        N_("Published in La Gaceta no. 33,730; its regulation followed on 20 August 2016"),
        N_("Register of risk situations of defenders"),
        N_("The ILO announced it on 27 August; the date of registration was not confirmed"),
        N_("The Legislative Assembly did not extend the deadline for the bill, and the bill lapsed"),
        N_("The Working Group's report, A/HRC/22/15; it was not checked for recommendations on defenders"),
        N_("Date of the review, as announced; it was not checked what Peru accepted"),
        N_("Date on which the president signed the decree; its publication was not checked"),
        N_("The first of its kind"),
    }
)
OFFERS = frozenset(
    {
        N_("If you are in danger now: it answers at any hour, also in Quechua"),
        N_("For violence against women or in the family: free calls at any hour"),
        N_(
            "Before a law or State act that may affect your people directly, the State must consult it "
            "in good faith, through your people's own institutions"
        ),
        N_(
            "It defends people's rights and oversees whether the State meets its duties to them; you can "
            "call its line free of charge to complain"
        ),
        N_(
            "Indigenous peoples have the right to be consulted before an act that directly affects their "
            "collective rights, to reach an agreement or consent. Only the State has this duty"
        ),
        N_(
            "If you are at risk for defending human rights, you can ask the Ministry of Justice and "
            "Human Rights for protection or urgent protection measures"
        ),
    }
)


def translate_benefit(text: str) -> str:
    """Translate the benefit of an instrument in `data/protections.csv`."""
    return _(text) if text in OFFERS else text


def translate_instrument(name: str) -> str:
    """Translate the name of an instrument. National instruments keep the name that their state uses."""
    return _(name) if name in INSTRUMENTS else name


def translate_note(text: str) -> str:
    """Translate a note of `data/commitments.csv`. A note of a workspace's own data is returned unchanged."""
    return _(text) if text in NOTES else text
