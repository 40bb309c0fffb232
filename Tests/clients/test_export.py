"""Every event of every room, exported after a small story, holds against a second implementation of Matrix's hashes and signatures."""

import json

import pytest
from hearth_process import Client
from room_checks import Room
from signedjson.key import decode_verify_key_bytes
from unpaddedbase64 import decode_base64

PRESENCES = ["busy", "online", "unavailable", "online", "busy"]


def tell_story(base_url):
    """Two users, presence, status, profile, rooms of both versions. Returns them and the ids that they were told, those of statuses apart."""
    nobody = Client(base_url)
    alice, bob = nobody.register("alice"), nobody.register("bob")
    told, statuses = [], []

    for presence in PRESENCES[:3]:
        alice.put_presence(presence, **{"io.hearth.manual": True})
    alice.request("PUT", "profile", alice.user_id, "displayname", body={"displayname": "Alice 🌻"})
    for presence in PRESENCES[3:]:
        alice.put_presence(presence, **{"io.hearth.manual": True})
    profile = alice.profile_room()
    statuses.append(alice.set_state(profile, "m.status", {"text": "out at the dentist", "emoji": "🦷"}))
    told.append(alice.set_state(profile, "org.example.custom", {"e\u0301": 1, "\u00e9": [-0, 2**53 - 1, None, {"": "\u2028\\\""}]}))
    statuses.append(alice.set_state(profile, "m.status", {}))

    for version in ("11", "12"):
        room = alice.create_room(preset="public_chat", room_version=version, name=f"Version {version}", topic="home")
        bob.join(room)
        message = alice.send(room, "m.room.message", {"msgtype": "m.text", "body": "is anyone home?"})
        told += [
            message,
            bob.send(room, "m.room.message", {"msgtype": "m.text", "body": "yes \u0001 \U0001f3e0"}),
            alice.redact(room, message),
            alice.set_state(room, "m.room.topic", {"topic": "nobody"}),
        ]
        bob.request("POST", "rooms", room, "leave", body={})
        alice.request("POST", "rooms", room, "invite", body={"user_id": bob.user_id})
        bob.join(room)
    alice.request("PUT", "profile", alice.user_id, "displayname", body={"displayname": "Alice"})
    return alice, bob, told, statuses


def export(hearth):
    """All rooms of a stopped server."""
    [line] = hearth.command("room", "key")
    name, key = line.split()
    algorithm, version = name.split(":")
    assert algorithm == "ed25519"
    verify_key = decode_verify_key_bytes(f"{algorithm}:{version}", decode_base64(key))
    rooms = []
    for line in hearth.command("room", "list"):
        room_id = line.split("\t")[0]
        events = [json.loads(line) for line in hearth.command("room", "export", room_id)]
        rooms.append(Room(room_id, events, server="localhost", key=verify_key))
    return rooms


@pytest.mark.parametrize("retention", ["1h", "0ms"])
def test_every_exported_event_is_a_real_one(start_hearth, retention):
    hearth = start_hearth({"presence.retention": retention})
    alice, bob, told, statuses = tell_story(hearth.base_url)
    assert hearth.stop() == 0
    rooms = export(hearth)

    lane_is_whole = retention == "1h"
    for room in rooms:
        room.check(lane_is_whole=lane_is_whole)
    assert sorted((room.is_profile, room.version) for room in rooms) == [(False, "11"), (False, "12"), (True, "12"), (True, "12")]
    exported = {name for room in rooms for name in room.events}
    assert exported >= set(told) | set(statuses if lane_is_whole else statuses[-1:])

    profiles = {room.owner: room for room in rooms if room.is_profile}
    assert set(profiles) == {alice.user_id, bob.user_id}
    check_profile(profiles[alice.user_id], lane_is_whole)


def check_profile(room, lane_is_whole):
    events = room.events.values()
    members = {event["state_key"] for event in events if event["type"] == "m.room.member"}
    assert members == {"@_hearth:localhost", room.owner}
    assert room.create["sender"] == "@_hearth:localhost"
    for event_type, sender in [("m.presence", "@_hearth:localhost"), ("m.status", room.owner), ("org.example.custom", room.owner)]:
        assert {event["sender"] for event in events if event["type"] == event_type} == {sender}

    assert room.contents("m.profile")[-1]["displayname"] == "Alice"
    assert room.contents("m.status")[-1] == {}
    presences = room.contents("m.presence")
    assert presences[-1]["presence"] == PRESENCES[-1]
    assert isinstance(presences[-1]["last_active_ts"], int)
    if lane_is_whole:
        assert [content["presence"] for content in presences] == PRESENCES
        assert presences[0] == {"presence": "busy"}, "nobody was online before"
        assert presences[1] == presences[3] == {"presence": "online"}
        assert len(room.contents("m.status")) == 2
