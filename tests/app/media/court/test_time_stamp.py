"""A dossier is stamped by an authority that the test runs (`openssl ts`), and what it says is checked."""

import datetime as dt
import re
import shutil
import subprocess
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lindero.app.media.court import bag, signature, time_stamp, verify
from lindero.app.text import i18n
from lindero.layers.errors import PublishError
from tests.real_servers import needed

DOSSIER = Path(__file__).parents[3] / "releases" / "397d895" / "dossier.zip"
LAND = "demo-communities/INV-COM-APU-022"
CONFIG = """
[ tsa ]
default_tsa = own
[ own ]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def certificate(name, key, issuer, issuer_key, *extensions):
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
        key.public_key(),
        x509.random_serial_number(),
        now - dt.timedelta(days=1),
        now + dt.timedelta(days=30),
    )
    for extension in extensions:
        made = made.add_extension(extension, critical=True)
    return made.sign(issuer_key, hashes.SHA256())


def key_usage(**uses):
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    more = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: uses.get(name, False) for name in (*every, *more)})


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """The files of a time stamping authority: `ca.pem`, `tsa.pem`, `tsa.key`, `tsa.cnf`."""
    needed(shutil.which("openssl"), "openssl")
    folder = tmp_path_factory.mktemp("authority")
    ca_key, tsa_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    is_ca = x509.BasicConstraints(ca=True, path_length=None)
    signs = key_usage(key_cert_sign=True, crl_sign=True)
    ca = certificate("Invented authority", ca_key, "Invented authority", ca_key, is_ca, signs)
    stamps = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
    tsa = certificate(
        "Invented time stamps", tsa_key, "Invented authority", ca_key, stamps, key_usage(digital_signature=True)
    )
    folder.joinpath("ca.pem").write_bytes(ca.public_bytes(Encoding.PEM))
    folder.joinpath("tsa.pem").write_bytes(tsa.public_bytes(Encoding.PEM))
    own = tsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.joinpath("tsa.key").write_bytes(own)
    folder.joinpath("tsa.cnf").write_text(CONFIG.format(folder=folder))
    return folder


def answered(authority, query):
    """What the authority says to a query."""
    asked, given = authority / "query.tsq", authority / "answer.tsr"
    asked.write_bytes(query)
    names = {"-config": "tsa.cnf", "-signer": "tsa.pem", "-inkey": "tsa.key"}
    told = [part for option, name in names.items() for part in (option, str(authority / name))]
    command = ["openssl", "ts", "-reply", "-queryfile", str(asked), *told, "-out", str(given)]
    subprocess.run(command, check=True, capture_output=True)
    return given.read_bytes()


@contextmanager
def service(answer):
    """A server that gives `answer(query)` to what is posted; gives its address and the queries."""
    queries = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            queries.append((self.headers["Content-Type"], self.rfile.read(int(self.headers["Content-Length"]))))
            body = answer(queries[-1][1])
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr", queries
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    file = tmp_path_factory.mktemp("key") / "key.pem"
    signature.create_key(file)
    return file


@pytest.fixture(scope="module")
def made(authority, key, tmp_path_factory):
    """A dossier that was stamped: one that an earlier version left, sealed anew."""
    i18n.set_language("en")
    target = tmp_path_factory.mktemp("stamped")
    with zipfile.ZipFile(DOSSIER) as archive:
        archive.extractall(target)
    for name in (bag.TAGS, bag.MANIFEST, signature.SIGNATURE):
        (target / "dossier" / name).unlink()
    stamp = partial(time_stamp.request_stamp, ask=partial(answered, authority))
    bag.seal_bag(target / "dossier", signature.load_key(key), today=dt.date(2026, 11, 26), stamp=stamp)
    return target / "dossier"


def test_a_stamp_of_an_authority_that_is_named_says_when_the_files_were_there(made, authority, typed):
    code, _out, err = typed("verify", made, "--time-stamp-ca", authority / "ca.pem")

    assert code == 0
    assert "All files existed on " in err
    assert "Invented time stamps" in err
    assert re.search(r"\d\d:\d\d:\d\d UTC", err)


def test_openssl_finds_the_same(made, authority):
    files = {"-data": made / bag.MANIFEST, "-in": made / bag.STAMP, "-CAfile": authority / "ca.pem"}
    command = ["openssl", "ts", "-verify", *(str(part) for pair in files.items() for part in pair)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "Verification: OK" in told.stdout + told.stderr


def test_a_stamp_of_an_authority_that_nobody_named_is_said_to_be_no_more_than_its_word(made):
    found = verify.verify_dossier(made)

    assert not found.broken
    assert not any("All files existed" in line for line in found.proofs)
    assert any("Invented time stamps" in line and "--time-stamp-ca" in line for line in found.unverified)


def test_a_stamp_that_the_named_authority_does_not_stand_for_is_an_error(made, tmp_path, typed):
    other = ec.generate_private_key(ec.SECP256R1())
    is_ca = x509.BasicConstraints(ca=True, path_length=None)
    ca = certificate("Invented authority", other, "Invented authority", other, is_ca, key_usage(key_cert_sign=True))
    tmp_path.joinpath("other.pem").write_bytes(ca.public_bytes(Encoding.PEM))
    code, _out, err = typed("verify", made, "--time-stamp-ca", tmp_path / "other.pem")

    assert code == 1
    assert f"{bag.STAMP}: no authority that you named" in err


def test_any_byte_of_the_stamp_that_is_another_is_found(made, tmp_path):
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    whole = (copy / bag.STAMP).read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        (copy / bag.STAMP).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert [fault.file for fault in bag.check_bag(copy).faults] == [bag.STAMP], at


def test_a_stamp_of_another_dossier_put_in_and_signed_anew_is_found(made, authority, key, tmp_path):
    copy = Path(shutil.copytree(made, tmp_path / "copy"))
    for name in (bag.TAGS, bag.MANIFEST, signature.SIGNATURE):
        (copy / name).unlink()
    (copy / "data" / "README.txt").write_text("another")
    stamp = (copy / bag.STAMP).read_bytes()
    bag.seal_bag(copy, signature.load_key(key), today=dt.date(2026, 11, 26), stamp=lambda _manifest: stamp)
    found = verify.verify_dossier(copy, authorities=time_stamp.load_certificates(authority / "ca.pem"))

    assert any(bag.STAMP in line and bag.MANIFEST in line for line in found.broken)


@pytest.mark.slow
def test_the_service_that_is_named_is_asked_with_a_hash_alone(authority, demonstration, key, tmp_path, typed):
    words = ["dossier", "community", LAND, "--signing-key", key, "--workspace", demonstration[0], "--allow-private"]
    with service(partial(answered, authority)) as (address, queries):
        code, _out, err = typed(*words, "--output", tmp_path / "new", "--time-stamp", address)
    kind, query = queries[0]

    assert code == 0
    assert len(queries) == 1
    assert "127.0.0.1" in err
    assert kind == time_stamp.QUERY
    assert len(query) < 100
    assert (tmp_path / "new" / bag.STAMP).is_file()


@pytest.mark.parametrize("answer", [b"", b"no", b"\x30\x03\x02\x01\x02"])
def test_what_is_no_stamp_leaves_no_dossier(answer):
    with pytest.raises(PublishError, match=r"is not a time stamp by RFC 3161|the service refused the time stamp"):
        time_stamp.request_stamp(b"manifest", lambda _query: answer)


def test_a_stamp_of_something_else_is_refused(authority):
    other = time_stamp.TimestampRequestBuilder().data(b"other").build().as_bytes()

    with pytest.raises(PublishError, match="stamped something other than what was sent"):
        time_stamp.request_stamp(b"manifest", lambda _query: answered(authority, other))
