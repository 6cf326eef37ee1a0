"""The time stamp of a dossier (RFC 3161): a third party's confirmation that its files existed at an instant.

The manifest of the payload is stamped, and only its hash is sent to the service. The response is a file of the bag,
listed and signed like the others, so no byte of it can be changed.
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

QUERY = "application/timestamp-query"  # media type of a query
SendRequest = Callable[[bytes], bytes]
"""Brings a query to the service that was named, and gives its answer."""


@dataclass(frozen=True)
class TimeStamp:
    """A time stamp: its time, the service that issued it, and whether a trusted authority certifies that service."""

    stamped_at: dt.datetime
    service: str
    is_vouched: bool


def request_stamp(content: bytes, ask: SendRequest) -> bytes:
    """Request a time stamp of some content, and return the response. Only the hash of the content is sent."""
    query = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = ask(query.as_bytes())
    response = _decode_response(answer)
    if response is None:
        raise PublishError(N_("the response of the service is not a time stamp by RFC 3161 in its strict form"))
    if response.status != PKIStatus.GRANTED:
        raise PublishError(
            N_("the service refused the time stamp: {why}"), why="; ".join(response.status_string) or "–"
        )
    if response.tst_info.nonce != query.nonce or not _matches_content(response, content):
        raise PublishError(N_("the service stamped something other than what was sent"))
    return answer


def read_stamp(answer: bytes, content: bytes, roots: Sequence[x509.Certificate] = ()) -> TimeStamp | None:
    """Read a time stamp of some content; None if it is invalid or for other content."""
    response = _decode_response(answer)
    if response is None or response.status != PKIStatus.GRANTED or not _matches_content(response, content):
        return None
    return TimeStamp(
        response.tst_info.gen_time, _service_name(response), bool(roots) and _is_trusted(response, content, roots)
    )


def load_certificates(file: Path) -> list[x509.Certificate]:
    """Load the certificates of a file (PEM)."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise AnswerError(N_("no certificates (PEM) could be read from {file}"), file=file) from error


def _decode_response(answer: bytes) -> TimeStampResponse | None:
    try:
        response = decode_timestamp_response(answer)
        if response.status == PKIStatus.GRANTED:
            response.tst_info.gen_time  # noqa: B018  a refusal has none, nor has what is cut off
    except ValueError:
        return None
    return response


def _matches_content(response: TimeStampResponse, content: bytes) -> bool:
    return response.tst_info.message_imprint.message == hashlib.sha256(content).digest()


def _is_trusted(response: TimeStampResponse, content: bytes, roots: Iterable[x509.Certificate]) -> bool:
    builder = VerifierBuilder()
    for root in dict.fromkeys(roots):
        builder = builder.add_root_certificate(root)
    try:
        return builder.build().verify_message(response, content)
    except (VerificationError, ValueError):
        return False


def _service_name(response: TimeStampResponse) -> str:
    """Return the name of the service: the common name of the certificate that signed."""
    signers = [(signer_info.issuer, signer_info.serial_number) for signer_info in response.signed_data.signer_infos]
    for der in response.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(der)
        if (certificate.issuer, certificate.serial_number) in signers:
            attributes = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return str(attributes[0].value) if attributes else certificate.subject.rfc4514_string()
    return "–"
