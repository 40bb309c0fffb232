"""Compares what a model client holds after a sync with what is true: `/state`, `/members`, `/messages`, memberships and counts.

The rule: what the client held, then `state`, then the timeline, is the state of the room as its user may see it. Left out are what
the client's own filter of `state` keeps back, and members that a client which loads them lazily had no cause to learn of.
"""

from event_filter import passes


class Fault(AssertionError):
    """What a client holds is not what is true."""


def compare(world, client, model, past, depth=1):
    """Compares all rooms of a client that has just synced.

    `past` holds the members that each room had at the client's last sync, and is brought up to date; `depth` says how much is asked
    besides: 0 nothing, 1 the history, 2 the pages before it too.
    """
    for room_id in world.rooms:
        name = f"room {world.rooms.index(room_id)}"
        try:
            compare_room(world, client, model, room_id, past, depth)
        except Fault as fault:
            raise Fault(f"{name}, {fault}") from None


def compare_room(world, client, model, room_id, past, depth):
    truth = world.truth(room_id)
    own = truth.get(("m.room.member", model.user_id))
    membership = own["content"]["membership"] if own else "none"
    room = model.rooms.get(room_id)
    if not client.sees(room_id):
        check(room is None, "the filter leaves the room out and it was told")
        return
    compare_membership(client, room, membership, truth, world.is_world_readable(room_id))
    if room is None:
        return
    if membership == "join" or room.is_peeking:
        compare_state(client, room, truth, past.get(room_id, {}), model.applied.get(room_id), world.redacted)
        compare_summary(client, room, truth, model.user_id, membership)
        compare_members(world, client, room_id, truth, depth)
        past[room_id] = {key: event["event_id"] for key, event in truth.items() if key[0] == "m.room.member"}
    else:
        past.pop(room_id, None)
        left = world.left.get((model.user_id, room_id))
        if room.is_whole and not room.departure_is_untold and room_id in model.applied and has_just_left(own, left):
            compare_state(client, room, left, {}, model.applied[room_id], world.redacted, left=True)
    has_left = has_just_left(own, world.left.get((model.user_id, room_id)))
    if depth and room_id in model.applied and is_readable(room, membership, has_left, world.is_world_readable(room_id)):
        compare_timeline(world, client, room, room_id, model.applied[room_id], membership, depth)


def has_just_left(own, left):
    """Whether a user's departure is the newest that happened to them: who was invited or banned since then may have read more."""
    return None not in (own, left) and left["m.room.member", own["state_key"]]["event_id"] == own["event_id"]


def is_readable(room, membership, has_left, is_world_readable):
    """Whether `/messages` tells the client what `/sync` told: who has left a room that everybody may read reads on there."""
    if membership == "join" or room.is_peeking:
        return True
    return has_left and room.is_whole and not room.departure_is_untold and not is_world_readable


def check(condition, fault):
    if not condition:
        raise Fault(fault)


def compare_membership(client, room, membership, truth, is_world_readable):
    own = truth.get(("m.room.member", client.session.user_id))
    if room is not None and room.is_peeking and own is not None and not passes(client.state_filter, own):
        # A peek tells of invitations in its state, which a filter may keep back.
        return
    known = room.membership if room else "none"
    if membership in ("join", "invite"):
        check(known == membership, f"the user is {membership}, and the client takes it for {known}")
    else:
        check(known not in ("join", "invite"), f"the user is {membership}, and the client takes it for {known}")
    if room is None:
        return
    if membership == "invite":
        own = room.invite_state.get(("m.room.member", client.session.user_id))
        check(own and own["content"]["membership"] == "invite", "the invitation does not tell of the user's own member")
    if room.is_peeking:
        check(is_world_readable, "the client peeks into a room that is not world readable")
        check(membership not in ("join", "ban"), f"the client peeks, and the user is {membership}")


def compare_state(client, room, truth, past, applied, redacted, left=False):
    senders = {event["sender"] for event in applied.timeline} if applied else set()
    for key, event in truth.items():
        if not passes(client.state_filter, event):
            continue
        held = room.state.get(key)
        if held is None:
            check(is_left_out(client, room, key, event, past, senders, left), f"the client does not know {shown(event)}")
            continue
        check(held["event_id"] == event["event_id"], f"the client holds {shown(held)} and the state is {shown(event)}")
        if event["event_id"] not in redacted:
            check(held["content"] == event["content"], f"the client holds {shown(held)} and the state is {shown(event)}")
    more = set(room.state) - set(truth)
    check(not more, f"the client holds what is no state: {more}")


def is_left_out(client, room, key, event, past, senders, left):
    """Whether lazy loading keeps an event back. It keeps back no member who speaks, nor one that changed since the last sync."""
    if not client.is_lazy or key[0] != "m.room.member" or room.has_all_members:
        return False
    if left:
        return key[1] not in senders
    changed = bool(past) and past.get(key) != event["event_id"]
    return key[1] not in senders | {client.session.user_id} and not changed


def compare_summary(client, room, truth, user_id, membership):
    if membership != "join" or (client.dialect.only_lazy_summaries and not client.is_lazy):
        return
    members = {key: event["content"]["membership"] for (kind, key), event in truth.items() if kind == "m.room.member"}
    for word, name in (("join", "m.joined_member_count"), ("invite", "m.invited_member_count")):
        count = list(members.values()).count(word)
        check(room.summary.get(name) == count, f"the client counts {room.summary.get(name)} as {word} where there are {count}")
    named = truth.get(("m.room.name", ""), {}).get("content", {}).get("name") or truth.get(("m.room.canonical_alias", ""))
    if named:
        return
    heroes = {user for user, word in members.items() if word in ("join", "invite") and user != user_id}
    check(set(room.summary.get("m.heroes", [])) == heroes, f"the heroes are {room.summary.get('m.heroes')}, not {heroes}")
    for hero in heroes:
        key = ("m.room.member", hero)
        check(key in room.state or not passes(client.state_filter, truth[key]), f"the client does not know its hero {hero}")


def compare_members(world, client, room_id, truth, depth):
    if depth < 2:
        return
    events = client.session.ask("GET", "rooms", room_id, "members")["chunk"]
    members = {event["state_key"]: event["event_id"] for event in events}
    expected = {key: event["event_id"] for (kind, key), event in truth.items() if kind == "m.room.member"}
    check(members == expected, f"/members tells {members} and /state {expected}")


def compare_timeline(world, client, room, room_id, applied, membership, depth):
    """The timeline is the newest part of the history, without a gap, and `limited` is said where something was cut off."""
    # With its content an event may have lost what a filter looks at.
    blurred = world.redacted if "contains_url" in client.timeline_filter else set()
    history = [event["event_id"] for event in world.history(client, room_id)]
    if membership == "join":
        blurred = blurred | kept_back(room, history)
    history = [event_id for event_id in history if event_id not in blurred]
    uncompared = blurred | {event["event_id"] for event in room.timeline if stands_in(event, room.timeline, client, history)}
    newest = 0
    if membership != "join" and not room.is_peeking:
        # How it ended is told, whether the room shows it to those who are out or not; and of what came after, `/messages` may show more.
        uncompared |= {event["event_id"] for event in room.timeline[-1:] if event["event_id"] not in history}
    told = [event["event_id"] for event in reversed(room.timeline) if event["event_id"] not in uncompared]
    batch = [event["event_id"] for event in applied.timeline if event["event_id"] not in uncompared]
    if membership != "join" and not room.is_peeking and told and told[0] in history:
        newest = history.index(told[0])
    older = history[newest + len(told) :]
    check(
        history[newest:][: len(told)] == told,
        f"the timeline is {named(room, told)} and the history {named(room, history[newest:][: len(told) + 2])}")
    limit = client.timeline_filter.get("limit", 1000)
    check(len(batch) <= limit, f"the timeline has {len(batch)} events where the limit is {limit}")
    if room.reaches_back:
        check(not older, f"{len(older)} older events are missing, and nothing said limited")
    rest = history[newest + len(batch) :]
    if applied.limited:
        before = [event["event_id"] for event in applied.before[2][-1:]]
        is_cut_off = rest and (applied.is_whole or rest[:1] != before)
        check(is_cut_off or applied.begins_anew, "the timeline says limited, and nothing was cut off")
    if depth > 1 and batch:
        page = [event["event_id"] for event in world.history(client, room_id, applied.prev_batch, limit=3)]
        page = [event_id for event_id in page if event_id not in blurred]
        check(page == rest[: len(page) if blurred else 3], f"paging back from prev_batch gives {page}, not {rest[:3]}")


def kept_back(room, history):
    """What a peek kept back between the events that it told, and who has joined since then may read: the newest come first."""
    told = [event["event_id"] for event in room.timeline]
    places = [place for place, event_id in enumerate(history) if event_id in told]
    peeked = [place for place in places if history[place] in room.peeked]
    return {event_id for event_id in history[min(peeked) : max(places)] if event_id not in told} if peeked else set()


def stands_in(event, timeline, client, readable):
    """Whether an event is told for the state's sake alone: it is newer than one of its type and key that is shown before it."""
    if client.uses_state_after or "state_key" not in event or event["event_id"] in readable:
        return False
    earlier = timeline[: timeline.index(event)]
    return any(other["type"] == event["type"] and other.get("state_key") == event["state_key"] for other in earlier)


def shown(event):
    return f"{event['type']} {event.get('state_key')!r} {event['event_id'][:6]} {event['content']}"


def named(room, ids):
    types = {event["event_id"]: event["type"] for event in room.timeline}
    return [f"{event_id[:6]} {types.get(event_id, '')}".strip() for event_id in ids]
