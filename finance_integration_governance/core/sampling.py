"""A random sample that somebody else can draw again from the same population and the same seed.

1. The population is a list of texts, one for each record: its identifier. Sorted by code point, each followed by a line
   feed, their UTF-8 bytes have a SHA-256: the population's digest.
2. Each record has a rank: SHA-256 of `seed`, line feed, population's digest, line feed, identifier.
3. The sample is the `size` records with the lowest ranks, as hexadecimal text, in the order of their ranks.

A larger sample of the same seed holds the smaller one. Nobody can choose records through the seed without trying many
seeds, and the seed stands in the log before the sample does.
"""

import hashlib
import heapq


def population_digest(identifiers):
    """SHA-256 of the identifiers, which have to come sorted and once each; ValueError where they do not."""
    sha, last = hashlib.sha256(), None
    for identifier in identifiers:
        if last is not None and identifier <= last:
            raise ValueError(f"{identifier} does not come after {last}")
        sha.update(f"{identifier}\n".encode())
        last = identifier
    return sha.hexdigest()


def rank(seed, population, identifier):
    return hashlib.sha256(f"{seed}\n{population}\n{identifier}".encode()).hexdigest()


def sample(seed, population, identifiers, size):
    """The identifiers of the sample in the order of their ranks; never more than `size` of them in memory."""
    ranked = ((rank(seed, population, identifier), identifier) for identifier in identifiers)
    return [identifier for _rank, identifier in heapq.nsmallest(size, ranked)]
