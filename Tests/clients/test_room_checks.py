"""The checks themselves: a known hash, and broken rooms that must be noticed."""

import copy

import pytest
from canonicaljson import encode_canonical_json
from room_checks import Room, content_hash, event_id, redact
from signedjson.key import generate_signing_key, get_verify_key
from signedjson.sign import sign_json

KEY = generate_signing_key("1")


def test_the_content_hash_of_the_specs_minimal_event():
    """https://spec.matrix.org/v1.16/appendices/#event-signing"""
    event = {
        "room_id": "!x:domain", "sender": "@a:domain", "origin": "domain", "origin_server_ts": 1000000, "signatures": {}, "hashes": {},
        "type": "X", "content": {}, "prev_events": [], "auth_events": [], "depth": 3, "unsigned": {"age_ts": 1000000},
    }
    assert content_hash(event) == "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos"


def sealed(event):
    event["hashes"] = {"sha256": content_hash(event)}
    event["signatures"] = sign_json(redact(event), "localhost", KEY)["signatures"]
    return event


def profile_room():
    """A profile room as it should be: create, two members, then presence, profile, presence, presence."""
    create = sealed({
        "type": "m.room.create", "state_key": "", "sender": "@_hearth:localhost", "origin_server_ts": 1, "depth": 1,
        "content": {"type": "m.profile", "room_version": "12", "io.hearth.owner": "@a:localhost"}, "prev_events": [], "auth_events": [],
    })
    room_id = "!" + event_id(create)[1:]
    events, ids = [create], [event_id(create)]

    def add(event_type, content, sender, prev, auth, state_key=""):
        prev = [ids[index] for index in prev]
        depth = 1 + max(events[ids.index(name)]["depth"] for name in prev)
        events.append(sealed({
            "type": event_type, "room_id": room_id, "state_key": state_key, "sender": sender, "content": content,
            "origin_server_ts": len(events) + 1, "depth": depth, "prev_events": prev, "auth_events": [ids[index] for index in auth],
        }))
        ids.append(event_id(events[-1]))

    add("m.room.member", {"membership": "join"}, "@_hearth:localhost", [0], [], "@_hearth:localhost")
    add("m.room.member", {"membership": "invite"}, "@_hearth:localhost", [1], [1], "@a:localhost")
    add("m.room.member", {"membership": "join"}, "@a:localhost", [2], [2], "@a:localhost")
    add("m.presence", {"presence": "online"}, "@_hearth:localhost", [3], [1])
    add("m.profile", {"displayname": "A"}, "@a:localhost", [3], [3])
    add("m.presence", {"presence": "busy"}, "@_hearth:localhost", [4, 5], [1])
    add("m.status", {"text": "x"}, "@a:localhost", [6], [3])
    return room_id, events


def check(room_id, events, **options):
    Room(room_id, events, server="localhost", key=get_verify_key(KEY)).check(**options)


def test_a_sound_room_passes():
    check(*profile_room())


def test_a_purged_lane_passes_where_it_may_be_purged():
    room_id, events = profile_room()
    del events[4]
    check(room_id, events, lane_is_whole=False)
    with pytest.raises(AssertionError):
        check(room_id, events)


def resealed(index, **changes):
    def damage(events):
        events[index].update(changes)
        sealed(events[index])

    return damage


def redirected(index, parents):
    """The event names other parents; they are given by their places in the room."""

    def damage(events):
        prev = [event_id(events[parent]) for parent in parents]
        resealed(index, prev_events=prev, depth=1 + max(events[parent]["depth"] for parent in parents))(events)

    return damage


def signed_by_another(events):
    events[-1]["signatures"] = sign_json(redact(events[-1]), "localhost", generate_signing_key("1"))["signatures"]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda events: events[-1]["content"].update(text="y"), id="changed content"),
        pytest.param(lambda events: events[0]["content"].update(extra=1), id="changed create event"),
        pytest.param(lambda events: events[-1]["hashes"].update(sha256="x"), id="changed hash"),
        pytest.param(signed_by_another, id="another key"),
        pytest.param(lambda events: events[-1].update(signatures={}), id="no signature"),
        pytest.param(resealed(7, depth=100), id="wrong depth"),
        pytest.param(resealed(7, origin_server_ts=7), id="time stands still"),
        pytest.param(resealed(7, auth_events=[]), id="auth event missing"),
        pytest.param(lambda events: resealed(7, auth_events=[event_id(events[0])])(events), id="create event named in version 12"),
        pytest.param(redirected(7, [5]), id="lane event on the main line"),
        pytest.param(redirected(7, [6, 5]), id="tip named again though it did not move"),
        pytest.param(redirected(7, [4]), id="lane forks"),
        pytest.param(redirected(6, [4]), id="moved tip not named"),
        pytest.param(redirected(5, [4]), id="main event on the lane"),
        pytest.param(lambda events: resealed(6, prev_events=["$unknown"])(events), id="unknown parent"),
        pytest.param(lambda events: events.append(copy.deepcopy(events[-1])), id="event twice"),
        pytest.param(lambda events: events.pop(5), id="main event missing"),
    ],
)
def test_a_broken_room_does_not_pass(damage):
    room_id, events = profile_room()
    before = encode_canonical_json(events)
    damage(events)
    assert encode_canonical_json(events) != before
    with pytest.raises(Exception) as failure:
        check(room_id, events)
    assert isinstance(failure.value, AssertionError) or type(failure.value).__name__ == "SignatureVerifyException"
