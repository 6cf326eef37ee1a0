"""One publication for all promises: attacks that are public record, fifty secrets in the vault, and text that attacks."""

import pickle
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from lindero.app.media.site.release import publish_release
from lindero.app.text import i18n
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace import manifest_file
from tests import large_country
from tests.amount import amount
from tests.built import build
from tests.files import Files, concessions, text
from tests.once import made_once
from tests.secret_files import KEY, SECRETS, TODAY, Secret, csv_of, made, put

IN_THE_COUNTRY = "-9.2, -75.1"  # of tests.large_country
PRECISIONS = ("exact", "locality", "district", "province")
PAYLOADS = (
    "<img src=x onerror=window.hurt=1>",
    "</script><script>window.hurt=1</script>",
    "${window.hurt=1}`-window.hurt=1-`",
    "{{7*7}}<svg onload=window.hurt=1>",
    "=cmd|'/c calc'!A1",
    '"><a href=javascript:window.hurt=1>x</a>',
    "\u2028window.hurt=1//",
)


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """A workspace, its vault, and its publication: made once for all processes, each of which has a copy."""
    made_before = made_once(tmp_path_factory, "world", _world)
    root = shutil.copytree(made_before, tmp_path_factory.mktemp("promises") / "world")
    pub = pickle.loads(root.joinpath("pub").read_bytes())
    files = SimpleNamespace(space=manifest_file.load_workspace(root / "space"), folder=root / "space")
    held = Vault(root / "space" / "vault", KEY)
    return SimpleNamespace(files=files, held=held, pub=pub, folder=root / "published", root=root)


def _world(root):
    i18n.set_language("en")
    files = Files(root / "space")
    titles = concessions(len(PAYLOADS))
    files.add("concessions", titles.assign(holder=list(PAYLOADS), name=list(PAYLOADS)))
    land = concessions(2).drop(columns=["holder", "status"])
    files.add("communities", land.assign(code=["K1", "K2"], name=list(PAYLOADS[:2]), people=list(PAYLOADS[2:4])))
    cited = [
        Secret(100 + n, "public_record").row(
            title=payload, sources=payload, place_text=payload, location_precision=known
        )
        for n, (payload, known) in enumerate(zip(PAYLOADS, (*PRECISIONS, *PRECISIONS[:-1]), strict=True))
    ]
    files.add("incidents", csv_of(cited))
    build(files.space)
    held = made(files.folder)
    casos = text(root / "elsewhere" / "casos.csv", csv_of(secret.row() for secret in SECRETS))
    put(held, files.space, casos)
    told = []
    publish_release(files.space, held, root / "published", today=TODAY, prove=lambda _new: None, announce=told.append)
    root.joinpath("pub").write_bytes(pickle.dumps(told[0]))
    return root


@pytest.fixture(scope="session")
def country(tmp_path_factory):
    """The folder of a publication of many titles, of 100,000 in `make test-all`."""
    return made_once(tmp_path_factory, "country", _published)


def _published(folder):
    i18n.set_language("en")
    space = large_country.built(folder / "space", amount(2_000, 100_000))
    publish_release(space, None, folder / "published", today=TODAY, prove=lambda _new: None)
    return folder / "published"


@pytest.fixture
def held(world, tmp_path):
    """The vault of the world, copied, beside the same map: for who puts something in."""
    shutil.copytree(world.held.folder, tmp_path / "vault")
    (tmp_path / "build").symlink_to(world.held.folder.parent / "build")
    return replace(world.held, folder=tmp_path / "vault")
