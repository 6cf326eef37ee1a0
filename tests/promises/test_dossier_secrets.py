"""A dossier of a workspace with a vault holds no byte of its secrets, and of public record nothing but what is published."""

import pytest

from lindero.app.media.court import bag, folder, signature
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import COMMUNITIES
from tests.secret_files import SECRETS, TODAY, Secret

PRIVATE = ("nombre", "telefono", "nota")


@pytest.fixture(scope="module")
def dossier(world, tmp_path_factory):
    root = tmp_path_factory.mktemp("dossiers")
    signature.create_key(root / "key.pem")
    with map_database.connect(builds.current_map(world.files.space.build_folder)) as con:
        community = min(map_database.read_ids(con, COMMUNITIES))
    folder.write_dossier(world.files.space, community, root / "made", signature.load_key(root / "key.pem"), today=TODAY)
    return root / "made"


def test_no_byte_of_a_secret_is_in_a_dossier(dossier):
    patterns = [pattern for secret in SECRETS for pattern in secret.patterns()]
    patterns += [Secret(100 + n, "public_record").row()[name].encode() for n in range(7) for name in PRIVATE]
    for file in dossier.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [pattern for pattern in patterns if pattern in content], file
    assert not bag.check_bag(dossier).faults


def test_no_received_file_of_persons_is_in_a_dossier(dossier, world):
    hashes = {entry.sha256 for entry in world.files.space.sources if entry.layer == "incidents"}

    assert hashes
    assert not hashes & {bag.file_sha256(file) for file in dossier.rglob("*") if file.is_file()}
    assert not [digest for digest in hashes if digest in (dossier / "data/received/received.csv").read_text("utf-8")]
