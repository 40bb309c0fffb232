"""A server with rooms, users and their model clients, in which operations happen."""

import dataclasses
import itertools
import json

from model_client import ModelClient
from wire import Connection, Session

numbers = itertools.count()


class Client:
    """A device and what it holds."""

    def __init__(self, session, room_filter, uses_state_after, dialect):
        self.session, self.filter, self.uses_state_after, self.dialect = session, room_filter, uses_state_after, dialect
        self.room_filter = room_filter.get("room", {})
        self.timeline_filter = self.room_filter.get("timeline", {})
        self.state_filter = self.room_filter.get("state", {})
        self.is_lazy = self.state_filter.get("lazy_load_members", False)
        self.model = self.new_model()

    def new_model(self):
        return ModelClient(self.session.user_id, self.uses_state_after, self.is_lazy, self.dialect)

    def fetch(self, since, full_state=False, timeout=0, session=None):
        query = {"timeout": timeout, "set_presence": "offline", "filter": json.dumps(self.filter)}
        if since is not None:
            query["since"] = since
        if full_state:
            query["full_state"] = "true"
        if self.uses_state_after:
            query[self.dialect.use_state_after] = "true"
        return (session or self.session).ask("GET", "sync", query=query)

    def fetch_held(self):
        """A sync that is held for a while, over a connection of its own."""
        connection = Connection(self.session.connection.base_url)
        try:
            session = Session(connection, self.session.user_id, self.session.device_id, self.session.token)
            return self.fetch(self.model.since, timeout=150, session=session)
        finally:
            connection.close()

    def sees(self, room_id):
        """Whether the client's filter names rooms and leaves this one out."""
        return room_id not in self.room_filter.get("not_rooms", [])


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How a server speaks where servers differ."""

    use_state_after: str = "use_state_after"
    state_after: str = "state_after"
    # Whether a room's summary comes to those alone who load members lazily.
    only_lazy_summaries: bool = False
    # Whether a room may stand in two sections of an answer.
    has_rooms_twice: bool = False


class World:
    """What a walk's setup describes, on a server that runs. `server` can `stop`, `kill` and `start`."""

    def __init__(self, server, setup, dialect=Dialect(), names=None):
        self.server, self.setup = server, setup
        self.connection = Connection(server.base_url)
        number = next(numbers)
        names = names or [f"w{number}u{user}" for user in range(setup["users"])] + [f"w{number}referee"]
        self.sessions = dict(zip([*range(setup["users"]), "referee"], (Session.register(self.connection, name) for name in names)))
        for user, session in self.sessions.items():
            session.ask("PUT", "profile", session.user_id, "displayname", body={"displayname": f"name of {user}"})
        self.rooms = [self.make_room(visibility) for visibility in setup["visibilities"]]
        # What was read since something happened, by room.
        self.known = {}
        # The state that a room had when a user left it last.
        self.left = {}
        self.joined = set()
        self.sent = {room: [] for room in self.rooms}
        self.redacted = set()
        self.clients = []
        for client in setup["clients"]:
            # The first client of a user is the device that was registered.
            session = self.sessions[client["user"]]
            if any(other.session is session for other in self.clients):
                session = Session.login(self.connection, names[client["user"]])
            self.clients.append(Client(session, self.resolve(client["filter"]), client["state_after"], dialect))

    def make_room(self, visibility):
        """A room of the referee's, in which everybody may do everything but remove others."""
        state = [{"type": "m.room.history_visibility", "state_key": "", "content": {"history_visibility": visibility}}]
        levels = {"users_default": 50, "state_default": 0, "events": {}}
        body = {"preset": "public_chat", "initial_state": state, "power_level_content_override": levels}
        return self.sessions["referee"].ask("POST", "createRoom", body=body)["room_id"]

    def resolve(self, value):
        """A filter with the ids of users and rooms in the place of their numbers."""
        match value:
            case dict(): return {key: self.resolve(member) for key, member in value.items()}
            case list(): return [self.resolve(member) for member in value]
            case "@referee": return self.sessions["referee"].user_id
            case str() if value[:1] == "@" and value[1:].isdigit(): return self.sessions[int(value[1:])].user_id
            case str() if value[:1] == "!" and value[1:].isdigit(): return self.rooms[int(value[1:])]
        return value

    def close(self):
        self.connection.close()

    # What happens

    def perform(self, operation):
        """Does what an operation says, syncs aside, and returns the status with which the server answered it."""
        name, *words = operation
        if name == "restart":
            return self.restart(*words)
        if name in ("peek", "unpeek"):
            client, room = words
            path = ("peek", self.rooms[room]) if name == "peek" else ("rooms", self.rooms[room], "unpeek")
            status, _ = self.clients[client].session.request("POST", *path)
        elif name == "rename":
            user, number = words
            session = self.sessions[user]
            status, _ = session.request("PUT", "profile", session.user_id, "displayname", body={"displayname": f"name {number}"})
        else:
            actor, room, *details = words
            status = getattr(self, f"do_{name}")(self.sessions[actor], self.rooms[room], *details)
        self.known = {}
        self.note_departures(operation)
        return status

    def note_departures(self, operation):
        """Keeps the state of rooms that an operation took somebody out of."""
        if operation[0] not in ("join", "leave", "kick", "ban"):
            return
        room = self.rooms[operation[2]]
        members = {
            key: event["content"]["membership"] for (kind, key), event in self.truth(room).items() if kind == "m.room.member"}
        for user, membership in members.items():
            if membership == "join":
                self.joined.add((user, room))
            elif (user, room) in self.joined:
                self.joined.remove((user, room))
                self.left[user, room] = self.truth(room)

    def restart(self, how):
        self.server.kill() if how == "kill" else self.server.stop()
        self.server.start()
        self.connection.close()
        return 200

    def note(self, room, answer):
        status, body = answer
        if "event_id" in body:
            self.sent[room].append(body["event_id"])
        return status

    def do_join(self, session, room):
        return session.request("POST", "join", room)[0]

    def do_leave(self, session, room):
        return session.request("POST", "rooms", room, "leave")[0]

    def do_invite(self, session, room, user):
        return self.move(session, room, "invite", user)

    def do_kick(self, session, room, user):
        return self.move(session, room, "kick", user)

    def do_ban(self, session, room, user):
        return self.move(session, room, "ban", user)

    def do_unban(self, session, room, user):
        return self.move(session, room, "unban", user)

    def move(self, session, room, verb, user):
        return session.request("POST", "rooms", room, verb, body={"user_id": self.sessions[user].user_id})[0]

    def do_message(self, session, room, kind, has_url):
        content = {"msgtype": "m.text", "body": f"message {len(self.sent[room])}"}
        if has_url:
            content["url"] = "mxc://example.org/a"
        return self.note(room, session.request("PUT", "rooms", room, "send", kind, f"t{next(numbers)}", body=content))

    def do_state(self, session, room, kind, key, number, has_url):
        content = {
            "m.room.name": {"name": f"name {number}" if number % 3 else ""}, "m.room.topic": {"topic": f"topic {number}"},
            "m.room.encryption": {"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 100 + number},
        }.get(kind, {"number": number})
        if has_url:
            content["url"] = "mxc://example.org/a"
        return self.set_state(session, room, kind, key, content)

    def do_visibility(self, session, room, visibility):
        return self.set_state(session, room, "m.room.history_visibility", "", {"history_visibility": visibility})

    def do_join_rule(self, session, room, rule):
        return self.set_state(session, room, "m.room.join_rules", "", {"join_rule": rule})

    def do_member_text(self, session, room, number):
        """A name that the user has in this room alone."""
        content = {"membership": "join", "displayname": f"here {number}"}
        return self.set_state(session, room, "m.room.member", session.user_id, content)

    def set_state(self, session, room, kind, key, content):
        return self.note(room, session.request("PUT", "rooms", room, "state", kind, key, body=content))

    def do_redact(self, session, room, back):
        if back >= len(self.sent[room]):
            return 0
        event = self.sent[room][-1 - back]
        self.redacted.add(event)
        return session.request("PUT", "rooms", room, "redact", event, f"t{next(numbers)}")[0]

    # What is true

    def truth(self, room):
        """The state of a room, asked for once as long as nothing happens."""
        if room not in self.known:
            self.known[room] = self.state(room)
        return self.known[room]

    def state(self, room, session=None):
        """The state of a room as `GET /state` tells it, by default to the one who never leaves."""
        events = (session or self.sessions["referee"]).ask("GET", "rooms", room, "state")
        return {(event["type"], event["state_key"]): event for event in events}

    def is_world_readable(self, room):
        return self.truth(room)["m.room.history_visibility", ""]["content"].get("history_visibility") == "world_readable"

    def history(self, client, room, token=None, limit=1000):
        """The newest events of a room that a client's filter lets through, newest first."""
        event_filter = {key: value for key, value in client.timeline_filter.items() if key != "limit"}
        query = {"dir": "b", "limit": limit, "filter": json.dumps(event_filter)}
        if token is not None:
            query["from"] = token
        return client.session.ask("GET", "rooms", room, "messages", query=query)["chunk"]
