"""The page in a dossier that verifies it in a browser, without a network or Lindero. It contains no data."""

import json
from pathlib import Path
from string import Template

from lindero.app.products.pocket import bundle
from lindero.app.products.pocket.client_words import run_in_language
from lindero.app.products.pocket.page import csp_hash
from lindero.app.text import i18n
from lindero.app.text.i18n import _

NAME = "check.html"
CLIENT = Path(__file__).parent / "client"
TEMPLATES = Path(__file__).parent / "templates"
_NAMES = {"es": ("Español", "es-PE"), "en": ("English", "en")}


def render_page() -> str:
    """
    Return the page in every language, the reader's language first.

    It is the same for every dossier. It reads the file names and figures when it runs, and shows them as text.
    """
    style, script = (
        (TEMPLATES / "check.css").read_text(encoding="utf-8"),
        bundle.build_script("check.js", folder=CLIENT),
    )
    texts_by_language = {
        language: run_in_language(language, _page_texts) for language in [i18n.current_language(), *i18n.languages()]
    }
    texts_json = json.dumps(texts_by_language, ensure_ascii=False).replace("<", r"\u003c")
    policy = (
        f"default-src 'none'; script-src '{csp_hash(script)}'; style-src '{csp_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template((TEMPLATES / "check.html").read_text(encoding="utf-8")).substitute(
        policy=policy, style=style, script=script, words=texts_json, language=i18n.current_language()
    )


def _page_texts() -> dict[str, str]:
    name, locale = _NAMES.get(i18n.current_language(), (i18n.current_language(), i18n.current_language()))
    return {
        "language": name,
        "locale": locale,
        "title": _("Check this dossier"),
        "about": _(
            "This page computes anew the hash of every file of the dossier, checks its signature and measures the "
            "overlaps anew, on this device: nothing leaves it, and no network is needed."
        ),
        "choose": _("Choose the folder of the dossier, the one that holds this page"),
        "no_folder": _("This browser cannot choose a folder: use Chrome, Edge or Firefox on a computer."),
        "no_hash": _("This browser computes no hashes here, so that nothing could be checked: use another one."),
        "no_bag": _("The chosen folder is no dossier: choose the one that holds this page."),
        "busy": _("Checking …"),
        "agree": _("{n} files are byte for byte as they were when the dossier was made."),
        "changed": _("{file} is not as it was when the dossier was made"),
        "gone": _("{file} is not there"),
        "more": _("{file} was not in the dossier when it was made"),
        "not_understood": _("{file} cannot be understood"),
        "signed": _("The signature fits. It was made with the key whose fingerprint is:"),
        "compare": _(
            "Compare this fingerprint with the one that whoever gave you the dossier tells you by another way: anybody "
            "can sign with a key of their own."
        ),
        "not_signed": _("{signature} does not fit {file}: one of them was changed"),
        "no_signature": _(
            "This browser cannot check the signature (Ed25519): the hashes were checked, the signature was not."
        ),
        "measured": _(
            "{n} areas of overlaps, measured anew from {file}, are those that the dossier states: none differs by more "
            "than {rounding} ha, or, if it is larger, by a millionth of itself."
        ),
        "differs": _("{what}: the dossier states {stated} ha, its boundaries give {measured} ha ({file})"),
        "no_overlap": _("The dossier states no overlap, and its boundaries give none."),
        "fails": _("This dossier does not agree with itself:"),
        "beyond": _(
            "This page does not measure how much of the overlaps is certain and how much possible; the command lindero "
            "verify does. Who could change the dossier could change this page, too: for certainty take the page of a "
            "dossier that you trust, or that command."
        ),
        "not_said": _("Whether a concession is lawful is not in it: an overlap is a fact of geometry."),
    }
