"""What two JSON values have in common as far as a schema can tell, so that equal exchanges are checked once."""

import re

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


def sort_of_text(text):
    """Words stay as they are, since a schema may list them; of everything else only its kind and its alphabet remain."""
    if WORD.fullmatch(text):
        return text
    kind = text[:1] if text[:1] in "@!#$" else text.split(":", 1)[0] if ":" in text[:12] else ""
    return f"{kind}…{':' in text}{bool(re.search(r'[^A-Za-z0-9+/=_-]', text[1:]))}"


def sort_of_key(key):
    return sort_of_text(key) if key[:1] in "@!#$" or not WORD.fullmatch(key) or len(key) > 40 else key


def shape(value):
    """A hashable stand-in: equal for values that a schema accepts or refuses alike."""
    if isinstance(value, dict):
        return frozenset((sort_of_key(key), shape(item)) for key, item in value.items())
    if isinstance(value, list):
        return ("list", frozenset(shape(item) for item in value))
    if isinstance(value, str):
        return ("text", sort_of_text(value))
    if isinstance(value, bool) or value is None:
        return (value,)
    return ("number", isinstance(value, float) and not value.is_integer(), value < 0, value == 0)
