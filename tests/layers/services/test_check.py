"""Checks of services against the catalogue: one that fails does not stop the others."""

from pathlib import Path

import pytest

from lindero.layers.errors import AddressError, ServiceError
from lindero.layers.services.catalogue import MANUAL_DOWNLOAD, CatalogueEntry
from lindero.layers.services.check import check_services
from lindero.layers.services.protocols.detect import FILE


def offer(name, kind, url):
    return CatalogueEntry(name, "", kind, "open", "concessions", "Title", "Publisher", url, "", "")


def test_an_invalid_address_does_not_stop_the_other_checks():
    offers = [offer("wrong", FILE, "ftp://host/a.zip"), offer("manual", MANUAL_DOWNLOAD, "https://host/")]
    wrong, manual = check_services(offers)

    assert (wrong.state, manual.state) == ("not_reached", "by_hand")
    assert isinstance(wrong.error, AddressError)


def test_a_file_without_certificates_stops_all_checks():
    with pytest.raises(ServiceError, match="no certificates"):
        list(check_services([offer("a", FILE, "https://host/a.zip")], ca_file=Path("/nowhere.pem")))
