"""What zlib deflates, in all its kinds of blocks, the pocket map's client inflates; what is damaged it refuses."""

import base64
import random
import zlib

from tests.client import ask


def _deflated(parts, *, level=9, strategy=zlib.Z_DEFAULT_STRATEGY):
    """Deflate parts, each in blocks of its own."""
    packer = zlib.compressobj(level, wbits=-zlib.MAX_WBITS, strategy=strategy)
    return b"".join(packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH) for part in parts) + packer.flush()


def _asked(packed, size):
    return [base64.b64encode(packed).decode(), size]


def test_every_kind_of_block_comes_back_byte_for_byte():
    drawn = random.Random(7)
    noise = drawn.randbytes(70_000)  # is stored as it is
    skewed = bytes(int(drawn.expovariate(0.09)) % 256 for _ in range(60_000))  # has codes of one bit to fifteen
    words = " ".join(drawn.choices(["concesión", "comunidad", "tierra", "n"], k=9_000)).encode()
    texts = [b"", b"a", b"a" * 300, noise, skewed, words]
    cases = {
        name: (b"".join(parts), _deflated(parts, **how))
        for name, parts, how in (
            *((f"alone {at}", [text], {}) for at, text in enumerate(texts)),
            ("one after the other", [words, noise, b"a", skewed, noise, words], {}),
            ("by codes that are agreed", [words, skewed], {"strategy": zlib.Z_FIXED}),
            ("stored", [words, noise], {"level": 0}),
        )
    }

    found = ask("inflated", [_asked(packed, len(text)) for text, packed in cases.values()])

    wrong = [name for (name, (text, _)), one in zip(cases.items(), found, strict=True) if base64.b64decode(one) != text]
    assert wrong == []


def test_what_is_cut_off_or_of_another_size_is_refused():
    text = b"que se quede completo " * 50
    packed = _deflated([text])

    told = ask("inflated", [_asked(packed[:cut], len(text)) for cut in (1, 5, len(packed) // 2, len(packed) - 6)])

    assert told == ["damaged"] * 4
    assert ask("inflated", [_asked(packed, len(text) + 1)]) == ["damaged"]
