"""Which of some amounts add up to a sum; bounded, because the question in general has no quick answer."""

from itertools import combinations

MOST = 24  # amounts that are looked at one by one
_TRIES = 60_000


def adding_up(amounts, total):
    """Places of amounts that add up to the total, a few ways at most, the fewest amounts first; [] where none."""
    count = len(amounts)
    if not total or count < 2:
        return []
    found, tries = [], 0
    if sum(amounts) == total:
        found.append(tuple(range(count)))
    running = 0
    for place, amount in enumerate(amounts):  # the oldest ones, one after the other
        running += amount
        if running == total and place and place + 1 < count:
            found.append(tuple(range(place + 1)))
    for size in range(2, min(count, 6) + 1):
        for places in combinations(range(min(count, MOST)), size):
            tries += 1
            if tries > _TRIES or len(found) > 3:
                return _distinct(found)
            if sum(amounts[place] for place in places) == total:
                found.append(places)
    return _distinct(found)


def _distinct(found):
    return list(dict.fromkeys(found))
