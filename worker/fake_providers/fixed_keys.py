"""RSA keys that are the same in every process, and that no scanner for secrets would find in a file."""

import functools
import random

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

EXPONENT = 65537
PRIME_BITS = 512  # short for a real key, and found at once


@functools.cache
def fixed_rsa_key(name: str) -> rsa.RSAPrivateKey:
    """The key of that name; worth nothing, since anybody can compute it."""
    chance = random.Random(name)  # noqa: S311 # the same key in every process is the point
    p, q = _prime(chance), _prime(chance)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def pem(key: rsa.RSAPrivateKey) -> str:
    """The key as a PEM text."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _prime(chance: random.Random) -> int:
    """A number that is prime as far as Fermat's test tells, with its two highest bits set."""
    while True:
        candidate = chance.getrandbits(PRIME_BITS) | 3 << (PRIME_BITS - 2) | 1
        if (candidate - 1) % EXPONENT and all(pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5)):
            return candidate
