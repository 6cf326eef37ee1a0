"""The page in a dossier that verifies it in a browser, without a network or Lindero. It contains no data."""

import json
from pathlib import Path
from string import Template

from lindero.app.media.phone import bundle
from lindero.app.media.phone.client_words import run_in_language
from lindero.app.media.phone.page import csp_hash
from lindero.app.text import i18n
from lindero.app.text.i18n import _

NAME = "check.html"
CLIENT = Path(__file__).parent / "client"
TEMPLATES = Path(__file__).parent / "templates"


def render_page() -> str:
    """Return the page in every language, the reader's language first.

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
    language = i18n.current_language()
    return {
        "language": i18n.own_name(language),
        "locale": i18n.default_locale(language).replace("_", "-"),
        "title": _("Check this dossier"),
        "about": _(
            "This page checks the dossier on this device: the hash of every file, the signature, and the "
            "overlaps, which it measures again. Nothing leaves the device, and no network is needed."
        ),
        "choose": _("Choose the folder of the dossier: this page is in it"),
        "no_folder": _("This browser cannot choose a folder: use Chrome, Edge or Firefox on a computer."),
        "no_hash": _("This browser cannot compute hashes here, so nothing could be checked. Use another browser."),
        "no_bag": _("The chosen folder is not a dossier. Choose the folder that contains this page."),
        "busy": _("Checking …"),
        "agree": _("{n} files are byte for byte as they were when the dossier was made."),
        "changed": _("{file} has changed since the dossier was made"),
        "gone": _("{file} is missing"),
        "more": _("{file} was not in the dossier when it was made"),
        "not_understood": _("{file} could not be parsed"),
        "signed": _("The signature matches. Fingerprint of the key that signed:"),
        "compare": _(
            "Ask the person who gave you the dossier for their fingerprint by another way, and compare "
            "it with this one. Anybody can sign with a key of their own."
        ),
        "not_signed": _("{signature} does not match {file}: one of the two was changed"),
        "no_signature": _(
            "This browser cannot check the signature (Ed25519). The hashes were checked, but not the signature."
        ),
        "measured": _(
            "Overlap areas measured again from {file}: {n}. All agree with the dossier. None differs by "
            "more than {rounding} ha or, if that is more, a millionth of its area."
        ),
        "differs": _("{what}: the dossier states {stated} ha, but its boundaries give {measured} ha ({file})"),
        "no_overlap": _("The dossier contains no overlaps, and its boundaries do not overlap."),
        "fails": _("This dossier failed the check:"),
        "beyond": _(
            "This page does not measure which part of the overlaps is certain and which is possible; the "
            "command lindero verify does. Whoever could change the dossier could also change this page. "
            "For certainty, use the page of a dossier that you trust, or that command."
        ),
        "not_said": _("It does not say whether a concession is lawful: an overlap is a fact of geometry."),
    }
