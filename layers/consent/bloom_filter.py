"""
A set that answers whether something is in it, and nothing else: a Bloom filter (Bloom 1970) of fixed size.

It begins with a random share of its bits set, so that neither its size nor how full it is says how much was put in.
Of what was not put in, it says so but for one in a billion as long as it is less than half full.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

BITS = 2**19
_HASHES = 26  # of 19 bits each: what one SHA-512 gives
_BEGIN = 0.10, 0.20  # the least and the largest share of bits that are set at random


@dataclass(frozen=True)
class Bloom:
    """The bits of a filter, eight in a byte."""

    content: bytes

    def __contains__(self, text: str) -> bool:
        return all(self.content[at >> 3] >> (at & 7) & 1 for at in _positions(text))

    @property
    def share(self) -> float:
        """How full it is, 0 to 1."""
        return int.from_bytes(self.content).bit_count() / BITS

    def with_(self, texts: Iterable[str]) -> "Bloom":
        """Give the filter that holds these, too."""
        content = bytearray(self.content)
        for text in texts:
            for at in _positions(text):
                content[at >> 3] |= 1 << (at & 7)
        return Bloom(bytes(content))

    def __or__(self, other: "Bloom") -> "Bloom":
        return Bloom((int.from_bytes(self.content) | int.from_bytes(other.content)).to_bytes(BITS // 8))


def new() -> Bloom:
    """Make a filter that holds nothing, with a random share of its bits set."""
    random = np.random.default_rng(secrets.randbits(128))
    return Bloom(np.packbits(random.random(BITS) < random.uniform(*_BEGIN)).tobytes())


def _positions(text: str) -> list[int]:
    number = int.from_bytes(hashlib.sha512(text.encode()).digest())
    return [number >> 19 * i & BITS - 1 for i in range(_HASHES)]
