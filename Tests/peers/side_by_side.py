"""The same operations on two servers, and how what their clients hold in the end differs.

What is left out of the comparison, and why:

- `m.room.guest_access`: Hearth sends it as the specification's preset `public_chat` has it, Synapse leaves it out. The levels of
  `m.room.power_levels` that nobody has asked for differ too. MSC4495's hint in a new room is Hearth's alone.
- Unread counts: with Hearth one's own message means that one has read up to there; with Synapse only a receipt does.
- What a client of Synapse holds that Synapse's own `/state` says otherwise: a filter of the timeline, or lazy loading in a gap, loses
  changes there, and departures too (Hearth must not, which the walks show).
- State events in timelines: Synapse tells in the timeline those that are current, also from a time that the user may not read. Hearth
  tells them in `state`. The timelines of `/messages`, where both tell what is visible and nothing else, are compared whole.
- Where a timeline begins: of a room that is new to the client, Synapse always says `limited`.
- State that a client's filter of `state` leaves out, and events that were redacted, which one side may have told before.
- Members that one side told a client that loads them lazily, and the other did not.
- Rooms that a client's filter leaves out: Synapse tells of invitations to them.
- The heroes of a room.
- Joining a room that one is in: Hearth does nothing, Synapse gives one the name of one's profile again. Inviting somebody who is
  invited: Hearth sends the invitation again. Leaving, or being removed, where one is not, and the end of a ban that is none: Hearth
  refuses it, Synapse takes it. A ban of who is banned: Hearth sends it again, Synapse does nothing.
- What those read who are out of a room: where it is world readable, all with Hearth, and what came before they left with Synapse;
  where they only were invited, nothing with Hearth and a part of it with Synapse, also what came between two departures.
- What happened to one while one was out, such as the end of a ban: Hearth tells it at once and shows it as any event of then, Synapse
  does not tell it, and shows it whatever the room's visibility.
- Changes of `m.room.history_visibility` in what one reads: Hearth shows them if the old or the new value lets it, Synapse not always.
- A room in two sections of one answer, such as in `invite` and `leave`: Synapse does that, Hearth must not.
"""

import difflib
import time

from comparison import has_just_left
from event_filter import passes
from model_client import CREATE
from walk import FAULTS
from world import World

UNCOMPARED_STATE = {
    "m.room.guest_access", "m.room.power_levels", "m.room.presence_sharing",
    "org.continuwuity.presence_v2.msc4495.room.presence_sharing"}


class Side:
    """One server's world. The users have the same ids on both sides."""

    def __init__(self, name, server, setup, dialect, users):
        self.name, self.world = name, World(server, setup, dialect, users)

    def step(self, operation):
        """Does an operation; returns whether the server took it."""
        try:
            return self.take(operation)
        except FAULTS as fault:
            raise type(fault)(f"{self.name}: {fault}") from None

    def take(self, operation):
        if operation[0] == "sync":
            _, number, how = operation
            self.sync(self.world.clients[number], how)
            return True
        if self.is_needless(operation):
            return True
        status = self.world.perform(operation)
        if operation[0] == "rename":
            self.wait_for_name(operation[1], f"name {operation[2]}")
        return status == 200

    def wait_for_name(self, user, name):
        """Waits until a new name has come into all rooms that its user is in: Synapse writes it there by and by."""
        key = ("m.room.member", self.world.sessions[user].user_id)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            members = [self.world.truth(room).get(key) for room in self.world.rooms]
            contents = [member["content"] for member in members if member]
            if all(content.get("displayname") == name for content in contents if content["membership"] == "join"):
                return
            self.world.known = {}
            time.sleep(0.02)
        raise AssertionError(f"{self.name} did not write {name} into the rooms within 20 s")

    def is_needless(self, operation):
        """Whether an operation is one that the servers are not compared by."""
        match operation:
            case ("join", user, room): return self.membership(user, room) == "join"
            case ("invite", _, room, user): return self.membership(user, room) == "invite"
            case ("leave", user, room) | ("kick", _, room, user): return self.membership(user, room) not in ("join", "invite")
            case ("unban", _, room, user): return self.membership(user, room) != "ban"
            case ("ban", _, room, user): return self.membership(user, room) == "ban"
            case ("read" | "load_members", *_): return True
        return False

    def membership(self, user, room):
        member = self.world.truth(self.world.rooms[room]).get(("m.room.member", self.world.sessions[user].user_id))
        return member["content"]["membership"] if member else None

    def sync(self, client, how=""):
        answer = client.fetch(client.model.since, full_state=how == "full")
        if how != "lost":
            client.model.apply(answer)

    def finish(self):
        for client in self.world.clients:
            self.sync(client)

    def histories(self):
        """What each member reads in each room with `/messages`, or the status with which it is refused."""
        histories = {}
        for user, session in self.world.sessions.items():
            for number, room in enumerate(self.world.rooms):
                if self.membership(user, number) != "join":
                    continue
                status, answer = session.request("GET", "rooms", room, "messages", query={"dir": "b", "limit": 1000})
                history = told(answer["chunk"], besides=session.user_id) if status == 200 else status
                histories[f"what {user} reads in room {number}"] = history
        return histories

    def states(self):
        """The rooms' states, as `/state` tells them."""
        return {
            f"the state of room {number}": comparable(self.world.truth(room)) for number, room in enumerate(self.world.rooms)}

    def holdings(self, number):
        """What a client holds of each room, or nothing."""
        client = self.world.clients[number]
        return [self.holding(client, client.model.rooms.get(room), room) for room in self.world.rooms]

    def holding(self, client, room, room_id):
        if room is None or room.membership == "none":
            return None
        own = ("m.room.member", client.session.user_id)
        truth = self.truth_for(client, room, room_id)
        agreeing = {
            key: event for key, event in room.state.items()
            if truth.get(key, {}).get("event_id") == event["event_id"] not in self.world.redacted
            and passes(client.state_filter, event) and (room.membership == "join" or key != own)}
        return {
            "membership": room.membership, "is_untold": room.departure_is_untold, "is_true": self.is_true(client, room, room_id), "state": comparable(room.state), "agreeing": comparable(agreeing),
            "messages": self.messages(room.timeline),
            "joined": room.summary.get("m.joined_member_count"), "invited": room.summary.get("m.invited_member_count"),
            "counts_truly": self.count(room_id) == (
                room.summary.get("m.joined_member_count"), room.summary.get("m.invited_member_count")),
        }

    def messages(self, timeline):
        """A timeline's messages; of redacted ones, which may have come before or after that, only that they are there."""
        return [
            (event["type"], event["sender"], None if event["event_id"] in self.world.redacted else event["content"])
            for event in timeline if "state_key" not in event and event["type"] != "m.room.redaction"]

    def is_true(self, client, room, room_id):
        """Whether the user's membership is the one that the client takes it for."""
        member = self.world.truth(room_id).get(("m.room.member", client.session.user_id))
        membership = member["content"]["membership"] if member else "none"
        return room.membership == ("leave" if membership == "ban" else membership)

    def count(self, room_id):
        words = [event["content"]["membership"] for (kind, _), event in self.world.truth(room_id).items() if kind == "m.room.member"]
        return words.count("join"), words.count("invite")

    def truth_for(self, client, room, room_id):
        """The state that this server's client should hold; nothing of rooms that its user never was in."""
        if room.membership == "join":
            return self.world.truth(room_id)
        left = self.world.left.get((client.session.user_id, room_id))
        own = self.world.truth(room_id).get(("m.room.member", client.session.user_id))
        # Of a room that everybody may read Hearth tells more to who is banned, or let in again, after the departure.
        return left if room.membership == "leave" and has_just_left(own, left) else {}


def told(events, besides=None):
    """Events without ids and times, but redactions, which name ids; and as `besides` one reads them, whom they are told."""
    return [
        (event["type"], event.get("state_key"), event["sender"], event["content"])
        for event in events
        if event["type"] not in UNCOMPARED_STATE | {"m.room.redaction"}
        and (besides is None or event["type"] != "m.room.history_visibility")
        and (event["type"] != "m.room.member" or event["state_key"] != besides)]


def comparable(state):
    return {key: event["content"] for key, event in state.items() if key[0] not in UNCOMPARED_STATE}


def differences(ours, peer):
    """How what one side's clients hold differs from the other's, as lines; `peer` is the one that may lose state."""
    lines = []
    for ask in (Side.states, Side.histories):
        mine, theirs = ask(ours), ask(peer)
        lines += [f"{key}: {told_apart(mine[key], theirs[key])}" for key in mine if mine[key] != theirs[key]]
    for number, client in enumerate(ours.world.clients):
        for room, (mine, theirs) in enumerate(zip(ours.holdings(number), peer.holdings(number))):
            if client.sees(ours.world.rooms[room]):
                lines += [f"client {number}, room {room}: {line}" for line in held_differently(client, mine, theirs)]
    return lines


def held_differently(client, mine, theirs):
    if mine is None or theirs is None:
        return [f"{mine and mine['membership']} and {theirs and theirs['membership']}"] if mine is not theirs else []
    if not theirs["is_true"]:
        return []
    lines = []
    if mine["membership"] != theirs["membership"]:
        lines.append(f"{mine['membership']} and {theirs['membership']}")
    # Where one side told an invitation in the place of a departure, it has not told what came before that, or of the room at all.
    is_whole = all(side["membership"] == "join" or CREATE in side["state"] for side in (mine, theirs))
    agreeing = theirs["agreeing"] if is_whole and not (mine["is_untold"] or theirs["is_untold"]) else {}
    for key, content in agreeing.items():
        if key not in mine["state"] and client.is_lazy and key[0] == "m.room.member":
            continue
        # A client that saw an event redacted knows its content no longer.
        if mine["state"].get(key, "nothing") != content and None not in (mine["state"].get(key, "nothing"), content):
            lines.append(f"{key}: {mine['state'].get(key, 'nothing')} and {content}")
    count = min(len(mine["messages"]), len(theirs["messages"]))
    if count and mine["membership"] == "join" and mine["messages"][-count:] != theirs["messages"][-count:]:
        lines.append("timeline: " + told_apart(mine["messages"][-count:], theirs["messages"][-count:]))
    if client.is_lazy and mine["membership"] == "join" and theirs["counts_truly"]:
        lines += [f"{key}: {mine[key]} and {theirs[key]}" for key in ("joined", "invited") if mine[key] != theirs[key]]
    return lines


def told_apart(mine, theirs):
    """What only one side has."""
    match mine, theirs:
        case dict(), dict(): mine, theirs = list(mine.items()), list(theirs.items())
        case list(), list(): pass
        case _: return f"{short(mine)} and {short(theirs)}"
    lines = difflib.ndiff([repr(each) for each in mine], [repr(each) for each in theirs])
    return "; ".join(line for line in lines if line[0] in "-+")


def short(value):
    text = repr(value)
    return text if len(text) < 200 else text[:200] + "…"
