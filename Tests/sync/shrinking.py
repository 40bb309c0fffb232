"""Makes a failing list short: leaves out what the failure does not need."""

import time


def shorten(items, fails, seconds, needless=None):
    """The shortest list that was found in the time, of those that `fails` says still fail; `items` itself does.

    Leaves out all that `needless` guesses to have nothing to do with it, then a half, then quarters, and so on to single items, until
    none can be spared.
    """
    end = time.monotonic() + seconds
    if needless is not None:
        rest = [item for item in items if not needless(item)]
        if fails(rest):
            items = rest
    size = max(1, len(items) // 2)
    while True:
        start, spared = 0, False
        while start < len(items):
            if time.monotonic() > end:
                return items
            rest = items[:start] + items[start + size :]
            if fails(rest):
                items, spared = rest, True
            else:
                start += size
        if size == 1 and not spared:
            return items
        size = max(1, size // 2)
