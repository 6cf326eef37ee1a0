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
            "177 of 182 recommendations accepted, some on defenders. The source prints 15 March 2017, but "
            "the report (A/HRC/37/8) is of the session of February and March 2018"
        ),
        N_("Accession, as announced by its prime minister; the day of deposit and of entry into force were not seen"),
        N_("Accession, without having signed"),
        N_("Amends DS 004-2021-JUS"),
        N_(
            "Archived again by the same committee, 10 votes to 2 with 1 abstention; the article of Tuesday "
            "12 July says Monday"
        ),
        N_("Archived by the Foreign Relations Committee of Congress, 9 votes to 3; it never reached the plenary"),
        N_("By DS 004-2021-JUS"),
        N_("By presidential decree"),
        N_("Computed: twelve months after ratification, by the Convention's article 38"),
        N_(
            "Intersectoral mechanism for the protection of human rights defenders, eight ministries; the day"
            " is that of its publication"
        ),
        N_("National Human Rights Plan 2018-2021, which promises a mechanism for defenders"),
        N_(
            "Neither signed while it was open for signature (to 26 September 2020) nor acceded, by a status "
            "of 2023 with 15 parties; not checked since"
        ),
        N_("Not ratified by March 2017, when 15 countries of the region had; not checked since"),
        N_(
            "Protocol for the protection of human rights defenders. Amnesty International (AMR 46/0358/2019)"
            " and others print the number as 059-2019-JUS; the day is that of its publication"
        ),
        N_("Publication in La Gaceta 33,730; its regulation on 20 August 2016"),
        N_("Register of situations of risk of defenders"),
        N_("The ILO announced it on 27 August; the day of registration was not seen"),
        N_("The Legislative Assembly did not prolong the term of the bill, which lapsed"),
        N_("The Working Group's report, A/HRC/22/15; which recommendations concern defenders was not read"),
        N_("The day of review as announced; what Peru accepted was not seen"),
        N_("The day on which the president signed the decree; its publication was not seen"),
        N_("The first of its kind"),
    }
)
OFFERS = frozenset(
    {
        N_("In danger now: it answers at all hours, also in Quechua"),
        N_("Violence against women or in the family: free of charge, at all hours"),
        N_(
            "Before a law or an act of the State that may affect your people directly, the State has to consult it, in "
            "good faith and through its own institutions"
        ),
        N_(
            "It defends people's rights and watches over what the State owes to them; its line takes complaints free "
            "of charge"
        ),
        N_(
            "The right of indigenous peoples to be consulted before an act that directly affects their collective "
            "rights, with the aim of an agreement or consent; the State alone has to do it"
        ),
        N_(
            "Whoever is at risk for defending human rights can ask the Ministry of Justice and Human Rights for "
            "measures of protection, or of urgent protection"
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
