#!/usr/bin/env python3
"""Makes the test vectors of RoomRules with a second implementation: Synapse, as published on PyPI.

    python3 -m venv .venv && .venv/bin/pip install matrix-synapse==1.163.0
    .venv/bin/python scripts/vectors/make-room-vectors.py Tests/RoomRulesTests/Vectors

The output is the same at every run: keys, times and random choices are fixed. Four files:

  events.json        events of rooms of versions 11 and 12, allowed and denied: each whole, with its id and its verdicts
  redactions.json    events with more than redaction keeps, and what it keeps
  memberships.json   the verdict for every combination of memberships, join rule and power levels, as a string of 0 and 1
  power-levels.json  random changes of power levels and their verdicts

Where Synapse is known to decide otherwise than the specification's text, the case says so in "differs" and "allowed" is the
specification's word.
"""

import asyncio
import copy
import hashlib
import itertools
import json
import logging
import pathlib
import random
import sys

import nacl.signing
from signedjson.sign import sign_json
from unpaddedbase64 import encode_base64

from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.crypto.event_signing import (
    add_hashes_and_signatures,
    check_event_content_hash,
    compute_event_signature,
)
from synapse.event_auth import (
    auth_types_for_event,
    check_state_dependent_auth_rules,
    check_state_independent_auth_rules,
    validate_event_for_room_version,
)
from synapse.events import make_event_from_dict
from synapse.synapse_rust.events import redact_event_dict

logging.disable(logging.CRITICAL)

VERSIONS = ["11", "12"]


def seed_of(server):
    return hashlib.sha256(f"room vectors {server}".encode()).digest()


def key_of(server):
    key = nacl.signing.SigningKey(seed_of(server))
    key.alg, key.version = "ed25519", "1"
    return key


SERVERS = ["alpha.test", "beta.test", "id.test"]
KEYS = {server: key_of(server) for server in SERVERS}


def server_of(user):
    return user.split(":", 1)[1]


def public_key(server):
    return encode_base64(bytes(KEYS[server].verify_key))


class Refused(Exception):
    pass


class Store:
    """What the check of auth events reads: events by id."""

    def __init__(self, events):
        self.events = events

    async def get_events(self, ids, **_):
        return {i: self.events[i] for i in ids if i in self.events}


def verdict(check):
    try:
        check()
        return True, None
    except Exception as error:  # Synapse refuses malformed events with errors of many kinds.
        return False, f"{type(error).__name__}: {error}".splitlines()[0]


class Room:
    def __init__(self, version, name, creator="@alice:alpha.test", create_content=None):
        self.version = version
        self.rules = KNOWN_ROOM_VERSIONS[version]
        self.events = {}
        self.state = {}
        self.time = 1_700_000_000_000
        self.creator = creator
        self.last = None
        self.room_id = None if version == "12" else f"!{name}:{server_of(creator)}"
        content = {"room_version": version, "name": name, **(create_content or {})}
        create = self.make("m.room.create", creator, content, state_key="")
        if version == "12":
            self.room_id = "!" + create.event_id[1:]
        self.apply(create)

    def make(
        self, type, sender, content, state_key=None, state=None, prev=None, auth=None, signers=None, room_id=None, extra=None
    ):
        state = self.state if state is None else state
        self.time += 1000
        event = {
            "type": type,
            "sender": sender,
            "content": content,
            "origin_server_ts": self.time,
            "depth": min(len(self.events) + 1, 2**53 - 1),
            "prev_events": prev if prev is not None else ([self.last] if self.last else []),
            "auth_events": [],
        }
        if state_key is not None:
            event["state_key"] = state_key
        if room_id or (self.room_id and not (self.version == "12" and type == "m.room.create")):
            event["room_id"] = room_id or self.room_id
        event.update(extra or {})
        event["auth_events"] = self.select(event, state) if auth is None else auth
        signers = [server_of(sender)] if signers is None else signers
        add_hashes_and_signatures(self.rules, event, signers[0], KEYS[signers[0]])
        for server in signers[1:]:
            event["signatures"] = compute_event_signature(self.rules, event, server, KEYS[server])
        return make_event_from_dict(event, self.rules)

    def select(self, event, state):
        if event["type"] == "m.room.create":
            return []
        try:
            probe = make_event_from_dict({**event, "hashes": {}, "signatures": {}}, self.rules)
            keys = auth_types_for_event(self.rules, probe)
        except Exception:
            keys = {("m.room.create", ""), ("m.room.power_levels", ""), ("m.room.member", event["sender"])}
        if self.version == "12":
            keys = {key for key in keys if key[0] != "m.room.create"}
        return [state[key].event_id for key in sorted(k for k in keys if k in state)]

    def apply(self, event):
        self.events[event.event_id] = event
        self.state[(event.type, event.state_key)] = event
        self.last = event.event_id
        return event

    def set(self, type, content, state_key="", sender=None):
        return self.apply(self.make(type, sender or self.creator, content, state_key=state_key))

    def member(self, user, membership, sender=None):
        return self.set("m.room.member", {"membership": membership}, user, sender or user)

    def beside(self, type, content, state_key="", sender=None):
        """A state event that only some cases have in their state."""
        event = self.make(type, sender or self.creator, content, state_key=state_key)
        self.events[event.event_id] = event
        return event

    def judge(self, event, state, rejected=()):
        known = dict(self.events)
        for event_id in rejected:
            known[event_id] = make_event_from_dict(known[event_id].get_pdu_json(), self.rules, rejected_reason="test")
        independent, why_independent = verdict(
            lambda: asyncio.run(check_state_independent_auth_rules(Store(known), event))
        )
        # Synapse stumbles over some malformed contents while it selects auth events: a refusal of the content, not of these.
        stumbled = not independent and why_independent.startswith(("AttributeError", "KeyError", "TypeError"))

        def dependent():
            validate_event_for_room_version(event)
            if event.type != "m.room.create" and event.room_id != state[("m.room.create", "")].room_id:
                raise Refused("wrong room")
            check_state_dependent_auth_rules(event, state.values())

        allowed, why = verdict(dependent)
        if event.type == "m.room.create":
            # Rule 1 is judged with the rules that need no state.
            return True, independent, why_independent
        return independent or stumbled, allowed and not stumbled, why_independent or why


ALICE, ADA, BOB, CAROL = "@alice:alpha.test", "@ada:alpha.test", "@bob:alpha.test", "@carol:alpha.test"
DAVE, ERIN, FRANK, GRETA = "@dave:alpha.test", "@erin:alpha.test", "@frank:alpha.test", "@greta:alpha.test"
HENRY, IVAN, MALLORY = "@henry:beta.test", "@ivan:beta.test", "@mallory:alpha.test"
LEVELS = {ADA: 100, BOB: 50, ERIN: 50}


def power_levels(version, **changes):
    users = dict(LEVELS)
    if version == "11":
        users[ALICE] = 100
    content = {
        "users": users,
        "users_default": 0,
        "events_default": 0,
        "state_default": 50,
        "invite": 0,
        "kick": 50,
        "ban": 50,
        "redact": 50,
        "events": {"m.room.power_levels": 50, "m.room.name": 0, "m.room.tombstone": 100, "test.locked": 100},
        "notifications": {"room": 50},
    }
    content.update(changes)
    return {key: value for key, value in content.items() if value is not None}


def base_room(version, name="base", create_content=None):
    room = Room(version, name, create_content=create_content)
    room.member(ALICE, "join")
    room.set("m.room.power_levels", power_levels(version))
    room.set("m.room.join_rules", {"join_rule": "public"})
    for user in [ADA, BOB, CAROL, ERIN, FRANK] + ([] if create_content else [HENRY]):
        room.member(user, "join")
    room.set("m.room.join_rules", {"join_rule": "knock"})
    room.member(DAVE, "invite", ALICE)
    room.member(ERIN, "ban", ALICE)
    room.member(FRANK, "leave")
    room.member(GRETA, "knock")
    return room


class Cases:
    def __init__(self, room):
        self.room = room
        self.rows = []
        self.states = {}

    def add(self, name, type, sender, content, *, over=(), without=(), spec=None, differs=None, rejected=(), **fields):
        state = dict(self.room.state)
        for event in over:
            state[(event.type, event.state_key)] = event
        for key in without:
            state.pop(key, None)
        event = self.room.make(type, sender, content, state=state, **fields)
        self.judge(name, event, state, spec, differs, rejected)

    def judge(self, name, event, state, spec=None, differs=None, rejected=()):
        auth_ok, allowed, why = self.room.judge(event, state, rejected)
        row = {
            "name": name,
            "event": event.get_pdu_json(),
            "id": event.event_id,
            "state": self.named(state),
            "auth_events_allowed": auth_ok,
            "allowed": allowed if spec is None else spec,
        }
        row["event"].pop("unsigned", None)
        if why:
            row["synapse"] = why.split(":")[0]
        if spec is not None:
            assert spec != allowed and differs, f"{name}: no longer differs"
            row["differs"] = differs
        if rejected:
            row["rejected"] = list(rejected)
        assert check_event_content_hash(event)
        self.rows.append(row)

    def named(self, state):
        ids = sorted(event.event_id for event in state.values())
        name = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:8]
        self.states[name] = ids
        return name

    def member(self, name, sender, target, membership, content=None, **fields):
        self.add(name, "m.room.member", sender, {"membership": membership, **(content or {})}, state_key=target, **fields)

    def output(self):
        events = {}
        for event_id, event in self.room.events.items():
            events[event_id] = event.get_pdu_json()
            events[event_id].pop("unsigned", None)
        return {"version": self.room.version, "events": events, "states": self.states, "cases": self.rows}


def create_cases(version):
    """Rule 1. Each candidate begins a room of its own, so that the state is empty."""
    cases = Cases(Room(version, "creates"))
    room = cases.room

    def create(name, content, sender=ALICE, **fields):
        event = room.make("m.room.create", sender, content, state_key="", **{"prev": [], **fields})
        cases.judge(name, event, {})

    create("a plain create event", {"room_version": version})
    create("a create event with a type and a predecessor", {"room_version": version, "type": "m.space", "predecessor": {}})
    create("a create event that names no version", {})
    create("a create event of an unknown version", {"room_version": "no such version"})
    create("a create event with a version that is no string", {"room_version": int(version)})
    create("a create event with previous events", {"room_version": version}, prev=[room.last])
    if version == "11":
        create("a room id of another server", {"room_version": version}, sender=HENRY)
        create("additional creators mean nothing yet", {"room_version": version, "additional_creators": "nonsense"})
    else:
        create("no additional creators", {"room_version": version, "additional_creators": []})
        create("two additional creators", {"room_version": version, "additional_creators": [BOB, HENRY]})
        create("additional creators that are no array", {"room_version": version, "additional_creators": BOB})
        create("an additional creator that is no string", {"room_version": version, "additional_creators": [BOB, 7]})
        create("an additional creator that is no user id", {"room_version": version, "additional_creators": ["bob"]})
        create("an additional creator without a server", {"room_version": version, "additional_creators": ["@bob"]})
        create("an additional creator with a bad server", {"room_version": version, "additional_creators": ["@bob:a b"]})
        long = "@" + "b" * 250 + ":alpha.test"
        create("an additional creator that is too long", {"room_version": version, "additional_creators": [long]})
    return cases.output()


def general_cases(cases, version):
    """Rules 2, 3 and 5 to 9 of version 11, with their neighbours in version 12."""
    room = cases.room
    message = {"msgtype": "m.text", "body": "hello"}
    cases.add("a member sends a message", "m.room.message", CAROL, message)
    cases.add("a member of another server sends a message", "m.room.message", HENRY, {"body": "hello 🏡 \u2028\u0000\x7f"})
    cases.add("somebody who never joined sends a message", "m.room.message", MALLORY, message)
    cases.add("somebody who left sends a message", "m.room.message", FRANK, message)
    cases.add("somebody invited sends a message", "m.room.message", DAVE, message)
    cases.add("somebody banned sends a message", "m.room.message", ERIN, message)
    cases.add("a message without the sender's signature", "m.room.message", CAROL, message, signers=["beta.test"])
    cases.add("a state event that everybody may send", "m.room.name", CAROL, {"name": "new"}, state_key="")
    cases.add("a state event above the member's level", "m.room.topic", CAROL, {"topic": "new"}, state_key="")
    cases.add("a state event at the member's level", "m.room.topic", BOB, {"topic": "new"}, state_key="")
    cases.add("a named type above the member's level", "test.locked", BOB, {}, state_key="")
    cases.add("a named type that is no state", "test.locked", BOB, {})
    cases.add("a named type at the member's level", "test.locked", ADA, {}, state_key="")
    cases.add("the creator sends what takes 100", "test.locked", ALICE, {}, state_key="")
    cases.add("state under one's own id", "test.state", BOB, {}, state_key=BOB)
    cases.add("state under another's id", "test.state", BOB, {}, state_key=CAROL)
    cases.add("state under a key that only begins like an id", "test.state", ADA, {}, state_key="@")
    cases.add("state under a key with an id inside", "test.state", BOB, {}, state_key="x" + CAROL)
    cases.add("the creator sets state under another's id", "test.state", ALICE, {}, state_key=CAROL)
    cases.add("a redaction by a plain member", "m.room.redaction", CAROL, {"redacts": room.last})
    locked = room.beside("m.room.power_levels", power_levels(version, events={"m.room.redaction": 60}))
    cases.add("a redaction above the member's level", "m.room.redaction", BOB, {"redacts": room.last}, over=[locked])
    cases.add("aliases are state like any other", "m.room.aliases", BOB, {"aliases": []}, state_key="alpha.test")
    cases.add("aliases below the level", "m.room.aliases", CAROL, {"aliases": []}, state_key="alpha.test")

    none = [("m.room.power_levels", "")]
    cases.add("without power levels anybody sends messages", "m.room.message", CAROL, message, without=none)
    cases.add("without power levels state takes 50", "m.room.topic", BOB, {"topic": "x"}, state_key="", without=none)
    cases.add("without power levels the creator has power", "m.room.topic", ALICE, {"topic": "x"}, state_key="", without=none)
    default = room.beside("m.room.power_levels", {})
    cases.add("empty power levels leave the creator", "m.room.topic", ALICE, {"topic": "x"}, state_key="", over=[default])
    cases.add("empty power levels leave messages free", "m.room.message", HENRY, message, over=[default])
    muted = room.beside("m.room.power_levels", power_levels(version, events_default=10, users_default=5))
    cases.add("users_default below events_default", "m.room.message", CAROL, message, over=[muted])
    cases.add("a level below zero", "m.room.message", CAROL, message,
              over=[room.beside("m.room.power_levels", power_levels(version, users={CAROL: -1}))])

    # Auth events.
    state = room.state
    right = [state[key].event_id for key in [("m.room.power_levels", ""), ("m.room.member", CAROL)]]
    create = state[("m.room.create", "")].event_id
    with_create = [create] + right
    others = Room(version, "other")
    others.member(ALICE, "join")
    foreign = others.state[("m.room.member", ALICE)]
    old_levels = room.beside("m.room.power_levels", power_levels(version, ban=51))
    cases.add("auth events that include the create event", "m.room.message", CAROL, message, auth=with_create)
    cases.add("auth events without the create event", "m.room.message", CAROL, message, auth=right)
    base = right if version == "12" else with_create
    cases.add("an auth event twice", "m.room.message", CAROL, message, auth=base + [right[0]])
    cases.add("two power levels among the auth events", "m.room.message", CAROL, message, auth=base + [old_levels.event_id])
    join_rules = state[("m.room.join_rules", "")].event_id
    cases.add("join rules among a message's auth events", "m.room.message", CAROL, message, auth=base + [join_rules])
    bobs = state[("m.room.member", BOB)].event_id
    cases.add("another's membership among the auth events", "m.room.message", CAROL, message, auth=base + [bobs])
    cases.add("only some of the auth events", "m.room.message", CAROL, message, auth=base[:-1])
    cases.add("a rejected auth event", "m.room.message", CAROL, message, auth=base, rejected=[right[0]])
    room.events[foreign.event_id] = foreign
    room.events.update(others.events)
    cases.add("an auth event of another room", "m.room.message", ALICE, message,
              auth=[i for i in base if i != right[1]] + [foreign.event_id])
    cases.add("an event of another room", "m.room.message", ALICE, message, room_id=others.room_id)

    cases.add("inviting by address at the invite level", "m.room.third_party_invite", CAROL, {}, state_key="token")
    strict = room.beside("m.room.power_levels", power_levels(version, invite=50))
    cases.add("inviting by address below the level", "m.room.third_party_invite", CAROL, {}, state_key="t", over=[strict])
    cases.add("inviting by address with power", "m.room.third_party_invite", BOB, {}, state_key="@t", over=[strict])
    cases.add("inviting by address from outside", "m.room.third_party_invite", MALLORY, {}, state_key="token")


def member_cases(cases, version):
    room = cases.room
    rules = {rule: room.beside("m.room.join_rules", {"join_rule": rule})
             for rule in ["public", "invite", "knock", "restricted", "knock_restricted", "private", "future"]}
    create = room.state[("m.room.create", "")]
    only_create = {"without": [key for key in room.state if key[0] != "m.room.create"], "prev": [create.event_id]}

    cases.member("the creator's first join", ALICE, ALICE, "join", **only_create)
    cases.member("another's first join", BOB, BOB, "join", **only_create)
    cases.member("the creator's join later on", ALICE, ALICE, "join", without=[("m.room.member", ALICE)])
    cases.member("the creator's join after two events", ALICE, ALICE, "join", without=only_create["without"],
                 prev=[create.event_id, room.last])
    cases.member("joining an invite-only room", MALLORY, MALLORY, "join", over=[rules["invite"]])
    cases.member("joining a public room", MALLORY, MALLORY, "join", over=[rules["public"]])
    cases.member("joining a public room from another server", IVAN, IVAN, "join", over=[rules["public"]])
    cases.member("joining a public room while banned", ERIN, ERIN, "join", over=[rules["public"]])
    cases.member("joining for somebody else", MALLORY, CAROL, "join", over=[rules["public"]])
    cases.member("accepting an invite", DAVE, DAVE, "join")
    cases.member("joining again", CAROL, CAROL, "join", content={"displayname": "Carol"})
    cases.member("joining after having knocked", GRETA, GRETA, "join")
    cases.member("joining a private room", MALLORY, MALLORY, "join", over=[rules["private"]])
    cases.member("joining under an unknown rule", DAVE, DAVE, "join", over=[rules["future"]])
    cases.member("joining without join rules", MALLORY, MALLORY, "join", without=[("m.room.join_rules", "")])
    cases.member("accepting an invite without join rules", DAVE, DAVE, "join", without=[("m.room.join_rules", "")])
    empty = room.beside("m.room.join_rules", {})
    cases.member("accepting an invite under empty join rules", DAVE, DAVE, "join", over=[empty])

    key = "join_authorised_via_users_server"
    strict = room.beside("m.room.power_levels", power_levels(version, invite=50))
    for rule in ["restricted", "knock_restricted"]:
        over = [rules[rule]]
        cases.member(f"{rule}: nobody vouches", MALLORY, MALLORY, "join", over=over)
        cases.member(f"{rule}: a member vouches", MALLORY, MALLORY, "join", {key: BOB}, over=over)
        cases.member(f"{rule}: nobody needs to vouch for an invited user", DAVE, DAVE, "join", over=over)
        cases.member(f"{rule}: a voucher who is not in the room", MALLORY, MALLORY, "join", {key: FRANK}, over=over)
        cases.member(f"{rule}: a voucher who may not invite", MALLORY, MALLORY, "join", {key: CAROL}, over=over + [strict])
        cases.member(f"{rule}: a voucher who may invite", MALLORY, MALLORY, "join", {key: BOB}, over=over + [strict])
        cases.member(f"{rule}: the creator vouches", MALLORY, MALLORY, "join", {key: ALICE}, over=over + [strict])
        cases.member(f"{rule}: a voucher whose server did not sign", MALLORY, MALLORY, "join", {key: HENRY}, over=over)
        cases.member(f"{rule}: a voucher of another server", MALLORY, MALLORY, "join", {key: HENRY}, over=over,
                     signers=["alpha.test", "beta.test"])
        cases.member(f"{rule}: vouched for but banned", ERIN, ERIN, "join", {key: BOB}, over=over)
    cases.member("an invited user's voucher still signs", DAVE, DAVE, "join", {key: HENRY}, over=[rules["restricted"]])
    cases.member("a voucher that is no user id", MALLORY, MALLORY, "join", {key: "bob"}, over=[rules["restricted"]])
    cases.member("a voucher that is no string", MALLORY, MALLORY, "join", {key: 5}, over=[rules["restricted"]])
    cases.member("an unsigned voucher on a leave", CAROL, CAROL, "leave", {key: HENRY}, spec=False,
                 differs="The rule holds for every membership; Synapse looks at joins only.")

    cases.member("an invite by a plain member", CAROL, MALLORY, "invite")
    cases.member("an invite below the invite level", CAROL, MALLORY, "invite", over=[strict])
    cases.member("an invite at the invite level", BOB, MALLORY, "invite", over=[strict])
    cases.member("an invite by somebody outside", FRANK, MALLORY, "invite")
    cases.member("an invite of a member", BOB, CAROL, "invite")
    cases.member("an invite of a banned user", ADA, ERIN, "invite")
    cases.member("a second invite", CAROL, DAVE, "invite")
    cases.member("an invite of who knocked", CAROL, GRETA, "invite")
    cases.member("an invite of oneself", CAROL, CAROL, "invite")

    cases.member("leaving", CAROL, CAROL, "leave")
    cases.member("leaving with a reason", HENRY, HENRY, "leave", {"reason": "bye"})
    cases.member("refusing an invite", DAVE, DAVE, "leave")
    cases.member("taking back a knock", GRETA, GRETA, "leave")
    cases.member("leaving twice", FRANK, FRANK, "leave")
    cases.member("leaving while banned", ERIN, ERIN, "leave")
    cases.member("leaving without having been there", MALLORY, MALLORY, "leave")
    cases.member("kicking somebody weaker", BOB, CAROL, "leave")
    cases.member("kicking somebody stronger", BOB, ADA, "leave")
    cases.member("kicking somebody as strong", ADA, ALICE, "leave")
    cases.member("the creator kicks an admin", ALICE, ADA, "leave")
    cases.member("kicking without the level", CAROL, HENRY, "leave")
    cases.member("kicking from outside", FRANK, CAROL, "leave")
    cases.member("taking back an invite", BOB, DAVE, "leave")
    cases.member("lifting a ban of somebody weaker", ADA, ERIN, "leave")
    cases.member("lifting a ban of somebody as strong", BOB, ERIN, "leave")
    high_ban = room.beside("m.room.power_levels", power_levels(version, ban=60, users={**LEVELS, ERIN: 0}))
    cases.member("lifting a ban below the ban level", BOB, ERIN, "leave", over=[high_ban])
    high_kick = room.beside("m.room.power_levels", power_levels(version, kick=60, users={**LEVELS, ERIN: 0}))
    cases.member("lifting a ban below the kick level", BOB, ERIN, "leave", over=[high_kick])

    cases.member("banning somebody weaker", BOB, CAROL, "ban")
    erin_back = room.beside("m.room.member", {"membership": "join"}, ERIN, ERIN)
    cases.member("banning somebody as strong", BOB, ERIN, "ban", over=[erin_back])
    cases.member("banning the creator", ADA, ALICE, "ban")
    cases.member("banning somebody who never came", BOB, MALLORY, "ban")
    cases.member("banning again", ADA, ERIN, "ban")
    cases.member("banning without the level", CAROL, HENRY, "ban")
    cases.member("banning from outside", FRANK, CAROL, "ban")
    cases.member("banning oneself", ADA, ADA, "ban")

    for rule in ["knock", "knock_restricted", "public", "invite", "restricted"]:
        cases.member(f"knocking under {rule}", MALLORY, MALLORY, "knock", over=[rules[rule]])
    cases.member("knocking for somebody else", CAROL, MALLORY, "knock")
    cases.member("knocking as a member", CAROL, CAROL, "knock")
    cases.member("knocking while invited", DAVE, DAVE, "knock")
    cases.member("knocking while banned", ERIN, ERIN, "knock")
    cases.member("knocking again", GRETA, GRETA, "knock")
    cases.member("knocking after having left", FRANK, FRANK, "knock")

    cases.member("an unknown membership", CAROL, CAROL, "dance")
    cases.add("no membership", "m.room.member", CAROL, {}, state_key=CAROL)
    cases.add("a membership that is no string", "m.room.member", CAROL, {"membership": 1}, state_key=CAROL)
    cases.add("a membership of nobody", "m.room.member", CAROL, {"membership": "join"})
    cases.member("a membership of what is no user", CAROL, "carol", "invite")


def third_party_cases(cases, version):
    room = cases.room
    token = "token"

    def signed(mxid=MALLORY, server="id.test", key="id.test", **changes):
        signed = {"mxid": mxid, "token": token, "sender": CAROL, **changes}
        return {"third_party_invite": {"display_name": "m…@example.org", "signed": sign_json(signed, server, KEYS[key])}}

    one = room.beside("m.room.third_party_invite", {"public_key": public_key("id.test")}, token, CAROL)
    keys = [{"public_key": public_key("beta.test")}, {"public_key": public_key("id.test"), "key_validity_url": "https://id.test"}]
    many = room.beside("m.room.third_party_invite", {"public_keys": keys}, token, CAROL)
    both = room.beside("m.room.third_party_invite", {"public_key": public_key("alpha.test"), "public_keys": keys}, token, CAROL)
    bare = room.beside("m.room.third_party_invite", {}, token, CAROL)

    def invite(name, content, sender=CAROL, target=MALLORY, over=(one,), **fields):
        cases.member(name, sender, target, "invite", content, over=over, **fields)

    invite("an answer to a third-party invite", signed())
    invite("an answer fits one of several keys", signed(), over=[many])
    invite("an answer fits a listed key beside the single one", signed(), over=[both])
    invite("an answer signed under another server's name", signed(server="elsewhere.test"))
    invite("an answer sent by the invited user's server", signed(), signers=["beta.test"])
    invite("an answer signed with another key", signed(key="beta.test"))
    invite("an answer where the invite has no key", signed(), over=[bare])
    invite("an answer without the invite", signed(), over=())
    invite("an answer for another user", signed(mxid=DAVE))
    invite("an answer for another token", signed(token="other"))
    invite("an answer of another sender", signed(), sender=BOB)
    invite("an answer for a banned user", signed(mxid=ERIN), target=ERIN)
    invite("an answer by a sender who is gone", signed(),
           over=[one, room.beside("m.room.member", {"membership": "leave"}, CAROL, CAROL)])
    broken = signed()
    broken["third_party_invite"]["signed"]["sender"] = BOB
    invite("an answer changed after it was signed", broken)
    no_token = signed()
    del no_token["third_party_invite"]["signed"]["token"]
    invite("an answer without a token", no_token)
    no_signature = signed()
    del no_signature["third_party_invite"]["signed"]["signatures"]
    invite("an answer without a signature", no_signature)
    invite("an answer without a signed part", {"third_party_invite": {"display_name": "m"}})
    invite("an answer that is no object", {"third_party_invite": "x"})


def power_level_cases(cases, version):
    def change(name, sender, content, **fields):
        cases.add(name, "m.room.power_levels", sender, content, state_key="", **fields)

    now = power_levels(version)
    users = now["users"]
    change("power levels as they were", BOB, now)
    change("power levels below the level", CAROL, now)
    change("raising another to one's own level", BOB, {**now, "users": {**users, CAROL: 50}})
    change("raising another above oneself", BOB, {**now, "users": {**users, CAROL: 51}})
    change("raising oneself", BOB, {**now, "users": {**users, BOB: 51}})
    change("lowering oneself", BOB, {**now, "users": {**users, BOB: 0}})
    change("leaving one's own entry out", BOB, {**now, "users": {u: l for u, l in users.items() if u != BOB}})
    change("lowering somebody as strong", BOB, {**now, "users": {**users, ERIN: 0}})
    change("removing somebody as strong", BOB, {**now, "users": {u: l for u, l in users.items() if u != ERIN}})
    change("lowering somebody weaker", ADA, {**now, "users": {**users, BOB: 10}})
    change("lowering somebody stronger", BOB, {**now, "users": {**users, ADA: 0}})
    change("the creator lowers an admin", ALICE, {**now, "users": {**users, ADA: 0}})
    change("the creator raises above 100", ALICE, {**now, "users": {**users, ADA: 1000}})
    change("everybody's level to one's own", BOB, {**now, "users_default": 50})
    change("everybody's level above one's own", BOB, {**now, "users_default": 51})
    for key in ["ban", "kick", "redact", "invite", "events_default", "state_default", "users_default"]:
        change(f"{key} above one's own level", BOB, {**now, key: 60})
        change(f"{key} left out", BOB, {k: v for k, v in now.items() if k != key})
        change(f"{key} as a string", ALICE, {**now, key: "50"})
    sixties = power_levels(version, ban=60, events={"test": 60}, notifications={"room": 60})
    high = cases.room.beside("m.room.power_levels", sixties)
    old = high.get_dict()["content"]
    change("a level above one's own lowered", BOB, {**old, "ban": 50}, over=[high])
    change("a level above one's own removed", BOB, {k: v for k, v in old.items() if k != "ban"}, over=[high])
    change("a type's level above one's own lowered", BOB, {**old, "events": {"test": 50}}, over=[high])
    change("a type's level above one's own removed", BOB, {**old, "events": {}}, over=[high])
    change("a type's level set to one's own", BOB, {**now, "events": {**now["events"], "test": 50}})
    change("a type's level set above one's own", BOB, {**now, "events": {**now["events"], "test": 51}})
    change("a notification's level above one's own lowered", BOB, {**old, "notifications": {"room": 0}}, over=[high])
    change("a notification's level set above one's own", BOB, {**now, "notifications": {"room": 51}})
    change("a type's level as a string", ALICE, {**now, "events": {"test": "1"}})
    change("a notification's level as a string", ALICE, {**now, "notifications": {"room": "1"}})
    change("a user's level as a string", ALICE, {**now, "users": {ADA: "100"}})
    change("a user's level as true", ALICE, {**now, "users": {ADA: True}})
    change("a level that is null", ALICE, {**now, "ban": None})
    change("users that are no object", ALICE, {**now, "users": []})
    change("events that are no object", ALICE, {**now, "events": 5})
    change("a user that is no user id", ALICE, {**now, "users": {"ada": 100}})
    change("unknown keys are free", BOB, {**now, "io.example": "anything"})
    none = [("m.room.power_levels", "")]
    change("the first power levels", ALICE, now, without=none)
    change("the first power levels by another", ADA, now, without=none)
    change("the creator's own entry", ALICE, {**now, "users": {**users, ALICE: 100}})
    change("the creator's entry in the first power levels", ALICE, {"users": {ALICE: 100}}, without=none)


def federation_cases(version):
    room = base_room(version, "closed", {"m.federate": False})
    cases = Cases(room)
    public = room.beside("m.room.join_rules", {"join_rule": "public"})
    cases.member("joining a closed room from inside", MALLORY, MALLORY, "join", over=[public])
    cases.member("joining a closed room from outside", IVAN, IVAN, "join", over=[public])
    cases.add("a message in a closed room", "m.room.message", CAROL, {"body": "x"})
    cases.member("inviting outside into a closed room", CAROL, IVAN, "invite", spec=True,
                 differs="The rule is about the sender's server; Synapse refuses the invited user's too.")
    return cases.output()


def creators_cases():
    """Version 12: creators stand above everything, additional ones too."""
    room = base_room("12", "creators", {"additional_creators": [CAROL, HENRY]})
    cases = Cases(room)
    now = power_levels("12")
    cases.add("an additional creator sends what takes 100", "test.locked", CAROL, {}, state_key="")
    cases.add("an additional creator outside sends", "test.locked", HENRY, {}, state_key="")
    cases.member("a creator kicks a creator", ALICE, CAROL, "leave")
    cases.member("an additional creator kicks the creator", CAROL, ALICE, "leave")
    cases.member("an admin bans an additional creator", ADA, CAROL, "ban")
    cases.member("an additional creator bans an admin", CAROL, ADA, "ban")
    cases.member("an additional creator's first join", CAROL, CAROL, "join",
                 without=[key for key in room.state if key[0] != "m.room.create"],
                 prev=[room.state[("m.room.create", "")].event_id])
    for name, user in [("the creator", ALICE), ("an additional creator", CAROL), ("one outside", HENRY)]:
        cases.add(f"{name} in users", "m.room.power_levels", ALICE, {**now, "users": {**now["users"], user: 100}}, state_key="")
    cases.add("levels beyond all", "m.room.power_levels", CAROL, {**now, "ban": 2**53 - 1}, state_key="")
    above = room.beside("m.room.power_levels", {**now, "events_default": 2**53 - 1, "users": {ADA: 2**53 - 1}})
    cases.add("a creator above the highest level", "m.room.message", CAROL, {}, over=[above])
    cases.add("the highest level reaches itself", "m.room.message", ADA, {}, over=[above])
    cases.member("a creator kicks the highest level", CAROL, ADA, "leave", over=[above])
    return cases.output()


def event_vectors():
    rooms = []
    for version in VERSIONS:
        cases = Cases(base_room(version))
        general_cases(cases, version)
        member_cases(cases, version)
        third_party_cases(cases, version)
        power_level_cases(cases, version)
        rooms += [create_cases(version), cases.output(), federation_cases(version)]
    rooms.append(creators_cases())
    return {"seeds": {server: encode_base64(seed_of(server)) for server in SERVERS}, "rooms": rooms}


def redaction_vectors():
    everything = {
        key: 1 for key in ["ban", "events_default", "invite", "kick", "redact", "state_default", "users_default"]
    } | {
        "membership": "join", "join_authorised_via_users_server": BOB, "join_rule": "public", "allow": [], "creator": ALICE,
        "history_visibility": "shared", "redacts": "$x", "users": {}, "events": {"a": 1}, "notifications": {"room": 1},
        "aliases": ["#a:b"], "name": "x", "body": "x", "presence": "busy", "displayname": "x",
        "third_party_invite": {"display_name": "x", "signed": {"mxid": BOB, "token": "t", "signatures": {}}},
    }
    types = ["create", "member", "join_rules", "power_levels", "history_visibility", "redaction", "aliases", "name", "message",
             "topic", "guest_access", "third_party_invite"]
    rows = []
    for version in VERSIONS:
        room = base_room(version, "redactions")
        extra = {"origin": "alpha.test", "membership": "join", "prev_state": [], "redacts": "$x", "io.example": {"a": 1}}
        contents = [(f"m.room.{type}", everything) for type in types] + [("m.presence", everything), ("m.room.message", {})]
        for invite in [{}, {"display_name": "x"}, "x", {"signed": "x"}]:
            contents.append(("m.room.member", {"membership": "invite", "third_party_invite": invite}))
        for type, content in contents:
            event = room.make(type, ALICE, content, state_key="", extra=extra)
            json_event = event.get_pdu_json()
            json_event.pop("unsigned", None)
            redacted = redact_event_dict(room.rules, copy.deepcopy(json_event))
            redacted.pop("unsigned", None)
            rows.append({"version": version, "id": event.event_id, "event": json_event, "redacted": redacted})
    return rows


def membership_vectors():
    memberships = [None, "join", "invite", "leave", "ban", "knock"]
    new = ["join", "invite", "leave", "ban", "knock"]
    join_rules = ["public", "invite", "knock", "restricted", "knock_restricted", "private"]
    levels = [0, 50, 100]
    sender, target = "@sender:alpha.test", "@target:alpha.test"
    output = {
        "memberships": memberships, "new": new, "join_rules": join_rules, "levels": levels, "sender": sender, "target": target,
        "creator": ALICE, "power_levels": {"invite": 50, "kick": 60, "ban": 50, "users_default": 0},
        "order": "sender's membership, target's membership, new membership, join rule, sender's level, target's level",
    }
    for version in VERSIONS:
        room = Room(version, "memberships")
        room.member(ALICE, "join")
        state_of = lambda user: {
            m: room.beside("m.room.member", {"membership": m}, user, ALICE if m in ("invite", "ban") else user)
            for m in memberships if m
        }
        senders, targets = state_of(sender), state_of(target)
        rules = {rule: room.beside("m.room.join_rules", {"join_rule": rule}) for rule in join_rules}
        powers = {
            pair: room.beside("m.room.power_levels", {**output["power_levels"], "users": {sender: pair[0], target: pair[1]}})
            for pair in itertools.product(levels, levels)
        }
        candidates = {
            (who, m): room.make("m.room.member", sender, {"membership": m}, state_key=who)
            for who in (sender, target) for m in new
        }

        def judge(candidate, rule, power, **members):
            state = [room.state[("m.room.create", "")], rules[rule], powers[power], *[e for e in members.values() if e]]
            return "1" if verdict(lambda: check_state_dependent_auth_rules(candidate, state))[0] else "0"

        output[f"{version} others"] = "".join(
            judge(candidates[(target, m)], rule, (a, b), s=senders.get(s), t=targets.get(t))
            for s, t, m, rule, a, b in itertools.product(memberships, memberships, new, join_rules, levels, levels))
        output[f"{version} self"] = "".join(
            judge(candidates[(sender, m)], rule, (a, 0), s=senders.get(s))
            for s, m, rule, a in itertools.product(memberships, new, join_rules, levels))
    return output


def power_level_vectors(count=220):
    rows = []
    dice = random.Random(3032)
    names = ["users_default", "events_default", "state_default", "ban", "redact", "kick", "invite"]
    for version in VERSIONS:
        room = Room(version, "levels", create_content={"additional_creators": [ADA]} if version == "12" else None)
        members = [room.beside("m.room.member", {"membership": "join"}, user, user) for user in [ALICE, ADA, BOB, CAROL]]
        values = [-10, 0, 1, 49, 50, 51, 99, 100, 101]

        def some(keys, share):
            return {key: dice.choice(values) for key in keys if dice.random() < share}

        for _ in range(count):
            plain = [BOB, CAROL, DAVE] + ([ALICE, ADA] if version == "11" else [])
            old = {**some(names, 0.5), "users": {**some(plain, 0.5), BOB: dice.choice([50, 100])},
                   "events": {"m.room.power_levels": dice.choice([0, 50]), **some(["a", "b"], 0.6)},
                   "notifications": some(["room", "x"], 0.6)}
            new = copy.deepcopy(old)
            for _ in range(dice.choice([0, 1, 1, 2, 3])):
                where = dice.choice(["", "", "users", "users", "events", "notifications"])
                scope = new.setdefault(where, {}) if where else new
                if not isinstance(scope, dict):
                    continue
                pool = {"": names + ["users", "events", "notifications"], "users": plain + [ALICE, ADA],
                        "events": ["a", "b", "c"], "notifications": ["room", "x", "y"]}[where]
                key = dice.choice(pool)
                if key in ("users", "events", "notifications") and not where:
                    if dice.random() < 0.2:
                        new[key] = dice.choice([[], "x", 5, {}])
                elif dice.random() < 0.3:
                    scope.pop(key, None)
                elif dice.random() < 0.05:
                    scope[key] = dice.choice(["50", True, None, [], {}])
                else:
                    scope[key] = dice.choice(values)
            sender = dice.choice([BOB, BOB, BOB, CAROL, ALICE, ADA])
            current = room.beside("m.room.power_levels", old)
            event = room.make("m.room.power_levels", sender, new, state_key="")
            state = [room.state[("m.room.create", "")], current, *members]
            allowed, _ = verdict(lambda: check_state_dependent_auth_rules(event, state))
            rows.append({"version": version, "old": old, "new": new, "sender": sender, "allowed": allowed})
    return rows


def main():
    target = pathlib.Path(sys.argv[1])
    for name, vectors in [
        ("events", event_vectors()), ("redactions", redaction_vectors()), ("memberships", membership_vectors()),
        ("power-levels", power_level_vectors()),
    ]:
        path = target / f"{name}.json"
        text = json.dumps(vectors, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        # One case a line, so that a change shows as the case that changed.
        path.write_text(text.replace('},{"', '},\n{"') + "\n", encoding="utf-8")
        print(path.name, path.stat().st_size)
    for room in event_vectors()["rooms"]:
        allowed = sum(1 for case in room["cases"] if case["allowed"] and case["auth_events_allowed"])
        print(f"version {room['version']}: {len(room['cases'])} cases, {allowed} allowed")


if __name__ == "__main__":
    main()
