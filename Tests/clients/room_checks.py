"""What a room's events must be, computed anew with canonicaljson and signedjson.

For room versions 11 and 12: redaction (https://spec.matrix.org/v1.16/rooms/v11/#redactions), hashes and ids
(https://spec.matrix.org/v1.16/server-server-api/#signing-events), the selection of auth events
(https://spec.matrix.org/v1.16/server-server-api/#auth-events-selection) and, in profile rooms, the lane.
"""

import hashlib

from canonicaljson import encode_canonical_json
from signedjson.sign import verify_signed_json
from unpaddedbase64 import encode_base64

KEPT_KEYS = {
    "type", "room_id", "sender", "state_key", "content", "hashes", "signatures", "depth", "prev_events", "auth_events", "origin_server_ts",
}
KEPT_CONTENT = {
    "m.room.member": {"membership", "join_authorised_via_users_server"},
    "m.room.join_rules": {"join_rule", "allow"},
    "m.room.power_levels": {
        "ban", "events", "events_default", "invite", "kick", "redact", "state_default", "users", "users_default",
    },
    "m.room.history_visibility": {"history_visibility"},
    "m.room.redaction": {"redacts"},
}
LANE_TYPES = {"m.presence", "m.status"}


def redact(event):
    kept = {key: value for key, value in event.items() if key in KEPT_KEYS}
    content = event["content"]
    if event["type"] != "m.room.create":
        kept["content"] = {key: value for key, value in content.items() if key in KEPT_CONTENT.get(event["type"], ())}
    invite = content.get("third_party_invite")
    if event["type"] == "m.room.member" and isinstance(invite, dict) and "signed" in invite:
        kept["content"]["third_party_invite"] = {"signed": invite["signed"]}
    return kept


def without(event, *keys):
    return {key: value for key, value in event.items() if key not in keys}


def content_hash(event):
    digest = hashlib.sha256(encode_canonical_json(without(event, "unsigned", "signatures", "hashes"))).digest()
    return encode_base64(digest)


def event_id(event):
    digest = hashlib.sha256(encode_canonical_json(without(redact(event), "signatures", "unsigned"))).digest()
    return "$" + encode_base64(digest, urlsafe=True)


def auth_events(event, state, version):
    """The ids that the event must name, from the state before it: (type, state key) -> (id, event)."""
    if event["type"] == "m.room.create":
        return set()
    wanted = {("m.room.power_levels", ""), ("m.room.member", event["sender"])}
    if version != "12":
        wanted.add(("m.room.create", ""))
    if event["type"] == "m.room.member":
        content = event["content"]
        wanted.add(("m.room.member", event["state_key"]))
        if content["membership"] in ("join", "invite", "knock"):
            wanted.add(("m.room.join_rules", ""))
        if content["membership"] == "invite" and "third_party_invite" in content:
            wanted.add(("m.room.third_party_invite", content["third_party_invite"]["signed"]["token"]))
        if "join_authorised_via_users_server" in content:
            wanted.add(("m.room.member", content["join_authorised_via_users_server"]))
    return {state[key][0] for key in wanted if key in state}


class Room:
    """One exported room. `check` walks through it once; afterwards `events` holds it by event id, in stream order."""

    def __init__(self, room_id, events, *, server, key):
        self.room_id, self.server, self.key = room_id, server, key
        self.create = events[0]
        self.version = self.create["content"].get("room_version", "1")
        self.events = {event_id(event): event for event in events}
        assert len(self.events) == len(events), "an event came twice"

    @property
    def is_profile(self):
        return self.create["content"].get("type") == "m.profile"

    @property
    def owner(self):
        return self.create["content"]["io.hearth.owner"]

    def is_lane(self, event):
        return self.is_profile and event["type"] in LANE_TYPES

    def contents(self, event_type):
        return [event["content"] for event in self.events.values() if event["type"] == event_type]

    def check(self, *, lane_is_whole=True):
        """Fails unless every event is a real one and they hang together. A purged lane may have gaps."""
        assert self.create["type"] == "m.room.create" and self.version in ("11", "12")
        redacted = {event["content"]["redacts"] for event in self.events.values() if event["type"] == "m.room.redaction"}
        state = {}
        for name, event in self.events.items():
            self.check_itself(name, event, is_redacted=name in redacted)
            assert len(event["auth_events"]) == len(set(event["auth_events"])), name
            assert set(event["auth_events"]) == auth_events(event, state, self.version), f"auth events of {name} ({event['type']})"
            if "state_key" in event:
                state[event["type"], event["state_key"]] = (name, event)
        if self.is_profile:
            self.check_profile_graph(lane_is_whole)
        else:
            self.check_line()

    def check_itself(self, name, event, *, is_redacted):
        assert "event_id" not in event, "events of these room versions carry no id"
        if event is self.create and self.version == "12":
            assert "room_id" not in event
            assert self.room_id == "!" + name[1:], "a version 12 room's id is the hash of its create event"
        else:
            assert event["room_id"] == self.room_id
        if is_redacted:
            assert without(event, "unsigned") == redact(event), f"{name} is redacted but not stripped"
        else:
            assert event["hashes"] == {"sha256": content_hash(event)}, f"content hash of {name}"
        verify_signed_json(redact(event), self.server, self.key)
        assert 0 < event["origin_server_ts"] < 2**53 and len(encode_canonical_json(event)) <= 65_536

    def depth_after(self, names):
        return 1 + max((self.events[name]["depth"] for name in names), default=0)

    def check_line(self):
        """An ordinary room that one server serves is a line."""
        before = []
        for name, event in self.events.items():
            assert event["prev_events"] == before, f"prev events of {name}"
            assert event["depth"] == self.depth_after(before), f"depth of {name}"
            before = [name]

    def check_profile_graph(self, lane_is_whole):
        """A main line without the lane in it, and the lane beside it: never more than two extremities."""
        tip = lane_tip = tip_seen_by_lane = None
        extremities, time = set(), 0
        for name, event in self.events.items():
            prev = event["prev_events"]
            if not self.is_lane(event):
                assert prev == ([tip] if tip else []), f"{name} ({event['type']}) of the main line names {prev}"
                tip = name
            else:
                assert len(prev) == len(set(prev)) and tip is not None, name
                purged = {parent for parent in prev if parent not in self.events}
                assert not (purged and lane_is_whole), f"{name} names unknown events: {purged}"
                assert len(purged) <= 1
                lane_parents = {parent for parent in prev if parent in self.events and self.is_lane(self.events[parent])} | purged
                main_parents = set(prev) - lane_parents
                if not purged:
                    assert lane_parents == ({lane_tip} if lane_tip else set()), f"lane before {name}"
                    assert main_parents == ({tip} if tip != tip_seen_by_lane else set()), f"main line before {name}"
                assert len(lane_parents) <= 1 and main_parents <= {tip}, name
                lane_tip, tip_seen_by_lane = name, tip
            if all(parent in self.events for parent in prev):
                assert event["depth"] == self.depth_after(prev), f"depth of {name}"
            extremities = (extremities - set(prev)) | {name}
            if lane_is_whole:
                assert len(extremities) <= 2, f"extremities after {name}"
            assert event["origin_server_ts"] > time, f"time of {name} does not rise"
            time = event["origin_server_ts"]
