"""A walk: operations that happen in a world, each sync compared with what is true."""

import threading

import comparison
from comparison import Fault, check
from model_client import Malformed
from wire import ServerFault
from world import Dialect, World

FAULTS = (Fault, Malformed, ServerFault)


class Failure:
    """Where a walk failed, with whom, and why."""

    def __init__(self, steps, client, fault):
        self.steps, self.client, self.fault = steps, client, fault

    def __str__(self):
        return f"client {self.client}, {type(self.fault).__name__}: {self.fault}"


class Walk:
    """Operations in one world of its own."""

    def __init__(self, server, setup, dialect=Dialect()):
        self.world = World(server, setup, dialect)
        # The members of each room when a client synced last, by client.
        self.past = [{} for _ in self.world.clients]
        self.steps = 0
        self.client = None
        # How often what happened.
        self.seen = {}

    def run(self, operations):
        """Walks to the end, or to the first failure, which it returns."""
        try:
            for operation in operations:
                self.step(operation)
            self.finish()
        except FAULTS as fault:
            return Failure(self.steps, self.client, fault)
        finally:
            self.world.close()
        return None

    def step(self, operation):
        self.steps += 1
        self.client = None
        match operation:
            case ("sync", client, how): self.sync(client, how, (self.steps % 7 == 0) + (self.steps % 2))
            case ("load_members", client, room): self.load_members(client, room)
            case ("read", client, room): self.read(client, room)
            case ("held", client, inner): self.hold(client, inner)
            case _: self.world.perform(operation)

    def finish(self):
        """Every client comes back once more."""
        for client in range(len(self.world.clients)):
            self.sync(client, "", 2)

    def sync(self, number, how, depth):
        """One sync of a client: `lost` on the way, asked `twice`, with the `full` state, or beside a `fresh` client."""
        client = self.world.clients[number]
        self.client = number
        answer = client.fetch(client.model.since, full_state=how == "full")
        if how == "lost":
            return
        if how == "twice":
            again = client.fetch(client.model.since)
            first, second = plain(answer.get("rooms", {})), plain(again.get("rooms", {}))
            check(first == second, f"the same since was answered with {second} after {first}")
        client.model.apply(answer)
        for applied in client.model.applied.values():
            self.note(client, applied)
        comparison.compare(self.world, client, client.model, self.past[number], depth)
        if how == "fresh":
            self.compare_fresh(client)

    def hold(self, number, inner):
        """A sync that waits for news while something happens. It may be answered before all of that is over: the next one is compared."""
        client = self.world.clients[number]
        self.client = number
        held = threading.Thread(target=lambda: answers.append(client.fetch_held()))
        answers = []
        held.start()
        self.world.perform(inner)
        held.join()
        check(answers, "a held sync was not answered")
        client.model.apply(answers[0])
        for room_id, room in client.model.rooms.items():
            if room.membership != "join" and not room.is_peeking:
                self.past[number].pop(room_id, None)

    def compare_fresh(self, client):
        """A client that starts anew holds the same as one that was told bit by bit."""
        fresh = client.new_model()
        fresh.apply(client.fetch(None))
        comparison.compare(self.world, client, fresh, {}, depth=1)
        for room_id, room in fresh.rooms.items():
            if room.membership == "join":
                unread = client.model.rooms[room_id].unread
                # Of a message that the filter leaves out nothing is told, its count neither.
                if set(client.timeline_filter) <= {"limit"}:
                    check(unread == room.unread, f"{unread} are unread, and for a new client {room.unread}")

    def load_members(self, number, room):
        """What a client does that opens a room's list of members: it asks for those of its position, and counts on the rest."""
        client, room_id = self.world.clients[number], self.world.rooms[room]
        known = client.model.rooms.get(room_id)
        if client.is_lazy and known and known.membership == "join":
            status, answer = client.session.request("GET", "rooms", room_id, "members", query={"at": client.model.since})
            if status == 200:
                client.model.load_members(room_id, answer["chunk"])

    def read(self, number, room):
        """Reads the room to its end: counts fall."""
        client, room_id = self.world.clients[number], self.world.rooms[room]
        if self.world.sent[room_id]:
            client.session.request("POST", "rooms", room_id, "receipt", "m.read", self.world.sent[room_id][-1])

    def note(self, client, applied):
        was, peeked, _ = applied.before
        facts = {
            applied.section: True, "limited": applied.limited, "again": applied.section == "join" and was == "leave",
            "ended peek": applied.section == "leave" and peeked, "state_after": client.uses_state_after,
        }
        for fact, holds in facts.items():
            self.seen[fact] = self.seen.get(fact, 0) + holds


def plain(answer):
    """An answer without what differs by when it is given, and without the order of state."""
    match answer:
        case {"state": {"events": [*events]}, **rest}: return plain(rest) | {"state": sorted(events, key=lambda event: event["event_id"])}
        case {"state_after": {"events": [*events]}, **rest}: return plain({**rest, "state": {"events": events}})
        case dict(): return {key: plain(value) for key, value in answer.items() if key not in ("age", "prev_batch")}
        case list(): return [plain(value) for value in answer]
    return answer


def fault_of(server, setup, operations, dialect=Dialect()):
    """How these operations fail in a fresh world; nothing if they do not."""
    return Walk(server, setup, dialect).run(operations)


def told_of(setup, failure):
    """The part of a setup that a failure has to do with."""
    lines = [f"{setup['users']} users, rooms {', '.join(setup['visibilities'])}"]
    if failure.client is not None:
        client = setup["clients"][failure.client]
        how = "state_after" if client["state_after"] else "state"
        lines.append(f"client {failure.client} is of user {client['user']}, with {how} and the filter {client['filter']['room']}")
    return "\n".join(lines)
