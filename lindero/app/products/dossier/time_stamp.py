"""
The time stamp of a dossier (RFC 3161): a third party's word that its files were there at an instant.

What is stamped is the manifest of the payload: its hash alone goes to the service. The answer is a file of the bag,
listed and signed like the others, so that no byte of it can be another either.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from lindero.layers.errors import N_, AnswerError, PublishError

QUERY = "application/timestamp-query"  # its media type
Ask = Callable[[bytes], bytes]
"""Brings a query to the service that was named, and gives its answer."""


@dataclass(frozen=True)
class Stamp:
    """What a time stamp says: when the bytes were there, by whom, and whether a trusted authority stands for it."""

    at: dt.datetime
    by: str
    is_vouched: bool


def stamped(content: bytes, ask: Ask) -> bytes:
    """
    Have content stamped; only its hash is in the query.

    Raises
    ------
    PublishError
        If the answer is none, a refusal, or of other content.
    """
    query = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = ask(query.as_bytes())
    response = _decoded(answer)
    if response is None:
        raise PublishError(N_("what the service gave is no time stamp by RFC 3161, or not one in its strict form"))
    if response.status != PKIStatus.GRANTED:
        raise PublishError(N_("the time stamp was refused: {why}"), why="; ".join(response.status_string) or "–")
    if response.tst_info.nonce != query.nonce or not _is_of(response, content):
        raise PublishError(N_("the service has stamped something else than was asked"))
    return answer


def read(answer: bytes, content: bytes, roots: Sequence[x509.Certificate] = ()) -> Stamp | None:
    """
    Read a time stamp of some content; None if it is none, or of other content.

    Parameters
    ----------
    roots
        Certificates of the authorities that are trusted to vouch for the service.
    """
    response = _decoded(answer)
    if response is None or response.status != PKIStatus.GRANTED or not _is_of(response, content):
        return None
    return Stamp(response.tst_info.gen_time, _name(response), bool(roots) and _is_vouched(response, content, roots))


def authorities(file: Path) -> list[x509.Certificate]:
    """
    Read the certificates of a file (PEM).

    Raises
    ------
    AnswerError
        If it cannot be read, or holds none.
    """
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise AnswerError(N_("{file} cannot be read as certificates (PEM)"), file=file) from error


def _decoded(answer: bytes) -> TimeStampResponse | None:
    try:
        response = decode_timestamp_response(answer)
        if response.status == PKIStatus.GRANTED:
            response.tst_info.gen_time  # noqa: B018  a refusal has none, nor has what is cut off
    except ValueError:
        return None
    return response


def _is_of(response: TimeStampResponse, content: bytes) -> bool:
    return response.tst_info.message_imprint.message == hashlib.sha256(content).digest()


def _is_vouched(response: TimeStampResponse, content: bytes, roots: Iterable[x509.Certificate]) -> bool:
    builder = VerifierBuilder()
    for root in dict.fromkeys(roots):
        builder = builder.add_root_certificate(root)
    try:
        return builder.build().verify_message(response, content)
    except (VerificationError, ValueError):
        return False


def _name(response: TimeStampResponse) -> str:
    """Give what the service calls itself: the common name of the certificate that signed."""
    signers = [(one.issuer, one.serial_number) for one in response.signed_data.signer_infos]
    for der in response.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(der)
        if (certificate.issuer, certificate.serial_number) in signers:
            names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return str(names[0].value) if names else certificate.subject.rfc4514_string()
    return "–"
