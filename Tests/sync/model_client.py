"""What a client holds that applies every answer of `/sync` as the specification says, and nothing else.

Where the specification leaves a choice it does as matrix-js-sdk does: the state of a room is kept when one leaves it and when a
timeline is limited; a client that asks for `use_state_after` reads state from `state_after` alone, and others apply `state` and then
the timeline. `Applied` says what stood in an answer, for those who compare.
"""

CREATE = ("m.room.create", "")
SECTIONS = ("leave", "join", "invite", "knock", "peek")


class Malformed(AssertionError):
    """An answer that a client cannot apply."""


class Room:
    """One room as a client knows it."""

    def __init__(self):
        self.state = {}
        # What was told without a gap, oldest first; `reaches_back` says that nothing comes before it.
        self.timeline = []
        self.reaches_back = False
        self.prev_batch = None
        self.summary = {}
        self.unread = {}
        self.account_data = {}
        self.membership = "none"
        self.is_peeking = False
        # The events that a peek told: what it kept back between them, a member may read and is not told.
        self.peeked = set()
        # Whether what is held is not what the user left: it is from a peek, or an invitation was told in the place of the departure.
        self.departure_is_untold = False
        # Whether all members were loaded: from then on a client that loads members lazily counts on being told of each.
        self.has_all_members = False
        self.invite_state = {}

    @property
    def is_whole(self):
        """Whether the room was ever told whole: of one that one was only invited to, little is known."""
        return CREATE in self.state

    def members(self):
        return {key: event for (kind, key), event in self.state.items() if kind == "m.room.member"}


class Applied:
    """What the last answer did to a room."""

    def __init__(self, section, body, before, continues):
        self.section, self.before = section, before
        self.timeline = body.get("timeline", {}).get("events", [])
        self.limited = body.get("timeline", {}).get("limited", False)
        self.prev_batch = body.get("timeline", {}).get("prev_batch")
        told = [event for part in body.values() if isinstance(part, dict) for event in part.get("events", [])]
        # Whether the room was told whole, as one that is new.
        self.is_whole = any(event["type"] == "m.room.create" for event in told)
        # Whether it was told whole after a time in which the user was out of it: its timeline begins anew, and may for all that hold everything.
        self.begins_anew = continues and self.is_whole and before[0] != "join"


class ModelClient:
    """A device's rooms. `uses_state_after` is how it asked; `is_lazy` whether its filter loads members lazily."""

    def __init__(self, user_id, uses_state_after, is_lazy, dialect):
        self.user_id, self.uses_state_after, self.is_lazy, self.dialect = user_id, uses_state_after, is_lazy, dialect
        self.since = None
        self.rooms = {}
        self.account_data = {}
        # Of the last answer, by room.
        self.applied = {}

    def apply(self, answer):
        self.applied = {}
        sections = answer.get("rooms", {})
        unknown = set(sections) - set(SECTIONS)
        if unknown:
            raise Malformed(f"rooms has {unknown}")
        for section in SECTIONS:
            for room_id, body in sections.get(section, {}).items():
                if room_id in self.applied and not self.dialect.has_rooms_twice:
                    raise Malformed(f"{room_id} stands in rooms.{self.applied[room_id].section} and in rooms.{section}")
                self.apply_room(room_id, section, body)
        for event in answer.get("account_data", {}).get("events", []):
            self.account_data[event["type"]] = event["content"]
        self.since = answer["next_batch"]

    def apply_room(self, room_id, section, body):
        room = self.rooms.setdefault(room_id, Room())
        before = (room.membership, room.is_peeking, list(room.timeline))
        self.applied[room_id] = Applied(section, body, before, continues=self.since is not None)
        if section == "invite":
            room.departure_is_untold = room.departure_is_untold or room.membership == "join"
            # Told in the place of a peek, which has ended then.
            room.is_peeking = False
            room.membership = "invite"
            room.invite_state = {(event["type"], event["state_key"]): event for event in body["invite_state"]["events"]}
            return
        starts_anew = room.membership != "join" and not room.is_peeking
        if self.is_lazy and starts_anew and section != "leave":
            # Nobody told of the members while one was out.
            room.state = {key: event for key, event in room.state.items() if key[0] != "m.room.member"}
            room.has_all_members = False
        self.apply_state_and_timeline(room, body)
        room.summary |= body.get("summary", {})
        room.unread |= body.get("unread_notifications", {})
        for event in body.get("account_data", {}).get("events", []):
            room.account_data[event["type"]] = event["content"]
        if section == "peek" or room.is_peeking:
            room.peeked |= {event["event_id"] for event in self.applied[room_id].timeline}
        if section == "join":
            # A member may read of the past what one who peeked could not.
            room.reaches_back = room.reaches_back and not room.is_peeking
            room.membership, room.is_peeking, room.departure_is_untold = "join", False, False
        elif section == "peek":
            room.is_peeking, room.departure_is_untold = True, True
            # Who peeks is no member, however that came; of an invitation the room's state tells.
            own = ("m.room.member", self.user_id)
            told = room.state[own]["content"]["membership"] if own in room.state else "leave"
            room.membership = "invite" if told == "invite" else "leave" if room.membership in ("join", "invite") else room.membership
            if told == "invite":
                room.invite_state = {own: room.state[own]}
        else:
            if room.membership in ("join", "invite"):
                room.membership = "leave"
            room.is_peeking = False

    def apply_state_and_timeline(self, room, body):
        timeline = body.get("timeline", {})
        events = timeline.get("events", [])
        if self.uses_state_after:
            name = self.dialect.state_after
            if name not in body or "state" in body:
                raise Malformed(f"the client asked for {name} and got {sorted(body)}")
            changes = body[name]["events"]
        else:
            if "state_after" in body or "org.matrix.msc4222.state_after" in body:
                raise Malformed(f"the client did not ask for state_after and got {sorted(body)}")
            changes = body.get("state", {}).get("events", [])
        if timeline.get("limited", False):
            room.timeline, room.reaches_back = [], False
            room.prev_batch = timeline.get("prev_batch")
        elif not room.timeline and room.prev_batch is None:
            room.reaches_back = True
        if room.prev_batch is None:
            room.prev_batch = timeline.get("prev_batch")
        known = {event["event_id"] for event in room.timeline}
        for event in changes:
            room.state[event["type"], event["state_key"]] = dict(event)
        for event in events:
            if event["event_id"] in known:
                raise Malformed(f"the timeline tells {event['event_id']} ({event['type']}) again")
            known.add(event["event_id"])
            if "state_key" in event and not self.uses_state_after:
                room.state[event["type"], event["state_key"]] = dict(event)
            room.timeline.append(event)
            if event["type"] == "m.room.redaction":
                redact(room, event.get("redacts") or event["content"].get("redacts"))

    def load_members(self, room_id, members):
        """The client got all members of a room at its position, as one does that loads them lazily."""
        room = self.rooms[room_id]
        for event in members:
            room.state[event["type"], event["state_key"]] = dict(event)
        room.has_all_members = True


def redact(room, event_id):
    """A redacted event's content is known no longer; what is left of it, the server tells with the event."""
    for key, event in room.state.items():
        if event["event_id"] == event_id:
            room.state[key] = event | {"content": None}
