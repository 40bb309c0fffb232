"""What may happen in a walk: operations as plain tuples, made at random and printed as they are.

An operation names users, rooms and clients by their numbers, and events by how long ago they came. So each part of a walk is a walk
too, and a failing one can be made shorter by leaving operations out. What a server refuses simply does not happen.
"""

import random

VISIBILITIES = ("world_readable", "world_readable", "shared", "invited", "joined")
STATE_TYPES = ("m.room.name", "m.room.topic", "m.room.encryption", "org.example.state", "org.example.other")
MESSAGE_TYPES = ("m.room.message", "org.example.noise")

ROOMS = 2

# What may happen while a sync is held.
HOLDABLE = {"message", "state", "visibility", "join", "leave", "invite", "kick", "ban", "redact", "rename", "peek"}


def make_setup(dice, users=None):
    """Who walks: how many users, and which clients they have."""
    users = users or dice.randint(2, 4)
    clients = []
    for user in range(users):
        for _ in range(dice.choice((1, 2, 2)) if users < 4 else 1):
            clients.append({"user": user, "filter": make_filter(dice, users), "state_after": len(clients) % 2 == 1})
    visibilities = [dice.choice(VISIBILITIES) for _ in range(ROOMS)]
    return {"users": users, "clients": clients, "visibilities": visibilities}


def make_filter(dice, users):
    """A filter; users stand in it as `@0`, `@1`, rooms as `!0`, `!1`."""
    timeline, state, room = {}, {}, {}
    if limit := dice.choice((None, None, 1, 2, 3, 5)):
        timeline["limit"] = limit
    match dice.randrange(12):
        case 0: timeline["types"] = ["m.room.message"]
        case 1: timeline["types"] = ["m.room.message", "org.example.*"]
        case 2: timeline["not_types"] = ["m.room.member", "org.example.state"]
        case 3: timeline["senders"] = [f"@{dice.randrange(users)}", "@referee"]
        case 4: timeline["not_senders"] = [f"@{dice.randrange(users)}"]
        case 5: timeline["contains_url"] = dice.choice((True, False))
    match dice.randrange(10):
        case 0: state["types"] = ["m.room.*"]
        case 1: state["not_types"] = ["org.example.state", "m.room.topic"]
        case 2: state["not_senders"] = [f"@{dice.randrange(users)}"]
    if dice.randrange(3) == 0:
        state["lazy_load_members"] = True
        if dice.randrange(3) == 0:
            state["include_redundant_members"] = True
    if dice.randrange(4) == 0:
        room["include_leave"] = True
    if dice.randrange(12) == 0:
        room["not_rooms"] = [f"!{dice.randrange(ROOMS)}"]
    if timeline:
        room["timeline"] = timeline
    if state:
        room["state"] = state
    return {"room": room, "presence": {"not_types": ["*"]}}


class Standing:
    """About how the users stand to the rooms, so that most of what is made can happen."""

    def __init__(self, users):
        self.membership = {(user, room): "none" for user in range(users) for room in range(ROOMS)}

    def users(self, room, *memberships):
        return [user for (user, of), membership in self.membership.items() if of == room and membership in memberships]

    def note(self, operation):
        match operation:
            case ("join", user, room):
                if self.membership[user, room] != "ban":
                    self.membership[user, room] = "join"
            case ("leave", user, room):
                if self.membership[user, room] != "ban":
                    self.membership[user, room] = "leave"
            case ("invite", _, room, user):
                if self.membership[user, room] not in ("ban", "join"):
                    self.membership[user, room] = "invite"
            case ("kick", _, room, user) | ("unban", _, room, user):
                self.membership[user, room] = "leave"
            case ("ban", _, room, user):
                self.membership[user, room] = "ban"


def make_operations(dice, setup, count, peeks=True, restarts=True, holds=True):
    standing = Standing(setup["users"])
    operations = []
    while len(operations) < count:
        operation = make_operation(dice, setup, standing, peeks, restarts)
        standing.note(operation)
        if holds and operation[0] in HOLDABLE and dice.randrange(25) == 0:
            operation = ("held", dice.randrange(len(setup["clients"])), operation)
        operations.append(operation)
    return operations


def make_operation(dice, setup, standing, peeks, restarts):
    room = dice.randrange(ROOMS)
    client = dice.randrange(len(setup["clients"]))
    anybody = dice.randrange(setup["users"])
    members = standing.users(room, "join")
    # Those who are in the room act; where nobody is, the one who made it does.
    actor = dice.choice(members) if members else "referee"
    if dice.randrange(6) == 0:
        actor = "referee"
    match dice.choices(range(8), weights=(34, 22, 14, 20, 3, 7 if peeks else 0, 3, 0.4 if restarts else 0))[0]:
        case 0: return ("sync", client, dice.choices(("", "lost", "twice", "full", "fresh"), weights=(30, 2, 2, 2, 3))[0])
        case 1: return ("message", actor, room, dice.choice(MESSAGE_TYPES), dice.randrange(4) == 0)
        case 2: return make_state(dice, actor, room)
        case 3: return make_membership(dice, standing, actor, anybody, room)
        case 4: return ("redact", actor, room, dice.randrange(6))
        case 5: return (dice.choice(("peek", "peek", "unpeek")), client, room)
        case 6: return dice.choice((("rename", anybody, dice.randrange(100)), ("load_members", client, room), ("read", client, room)))
        case 7: return ("restart", dice.choice(("stop", "kill")))


def make_state(dice, actor, room):
    match dice.randrange(8):
        case 0 | 1: return ("visibility", actor, room, dice.choice(VISIBILITIES))
        case 2: return ("join_rule", actor, room, dice.choice(("public", "public", "invite")))
        case _:
            kind = dice.choice(STATE_TYPES)
            key = str(dice.randrange(3)) if kind.startswith("org.") else ""
            return ("state", actor, room, kind, key, dice.randrange(100), dice.randrange(5) == 0)


def make_membership(dice, standing, actor, anybody, room):
    match standing.membership[anybody, room]:
        case "join":
            return dice.choice((
                ("leave", anybody, room), ("leave", anybody, room), ("kick", "referee", room, anybody), ("ban", "referee", room, anybody),
                ("member_text", anybody, room, dice.randrange(100)), ("join", anybody, room)))
        case "invite":
            return dice.choice((("join", anybody, room), ("join", anybody, room), ("leave", anybody, room), ("kick", "referee", room, anybody)))
        case "ban":
            return dice.choice((("unban", "referee", room, anybody), ("unban", "referee", room, anybody), ("join", anybody, room)))
        case _:
            return dice.choice((
                ("join", anybody, room), ("join", anybody, room), ("join", anybody, room), ("invite", actor, room, anybody),
                ("ban", "referee", room, anybody)))


def dice_of(seed):
    return random.Random(f"walk {seed}")
