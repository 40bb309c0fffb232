"""Whether a filter lets an event through, written down anew from the specification (client-server API, filtering)."""

import fnmatch


def passes(event_filter, event):
    """Whether a `RoomEventFilter` lets an event through; `limit` and lazy loading are none of its business."""
    kind, sender = event["type"], event["sender"]
    if any(matches(kind, pattern) for pattern in event_filter.get("not_types", [])):
        return False
    if "types" in event_filter and not any(matches(kind, pattern) for pattern in event_filter["types"]):
        return False
    if sender in event_filter.get("not_senders", []):
        return False
    if "senders" in event_filter and sender not in event_filter["senders"]:
        return False
    if "contains_url" in event_filter:
        return isinstance(event["content"].get("url"), str) == event_filter["contains_url"]
    return True


def matches(kind, pattern):
    """In a pattern `*` alone is special."""
    return fnmatch.fnmatchcase(kind, pattern.replace("[", "[[]").replace("?", "[?]"))
