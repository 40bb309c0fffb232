"""The walks notice what they are for: answers that something was taken out of are found out."""

import pytest
from event_filter import passes
from operations import dice_of, make_operations, make_setup
from shrinking import shorten
from walk import Walk
from world import Client


def first(answer, section, part):
    """The first list of events of a section's rooms that has any."""
    for room in answer.get("rooms", {}).get(section, {}).values():
        if events := room.get(part, {}).get("events"):
            return events
    return None


def lose_state(answer):
    events = first(answer, "join", "state") or first(answer, "join", "state_after")
    return bool(events) and events.pop() is not None


def lose_message(answer):
    events = first(answer, "join", "timeline")
    return bool(events) and "state_key" not in events[0] and events.pop(0) is not None


def hide_gap(answer):
    for room in answer.get("rooms", {}).get("join", {}).values():
        if room["timeline"]["limited"]:
            room["timeline"]["limited"] = False
            return True
    return False


def miscount(answer):
    for room in answer.get("rooms", {}).get("join", {}).values():
        if "summary" in room:
            room["summary"]["m.joined_member_count"] += 1
            return True
    return False


def lose_departure(answer):
    return bool(answer.get("rooms", {}).get("leave")) and answer["rooms"].pop("leave") is not None


def lose_invitation(answer):
    return bool(answer.get("rooms", {}).get("invite")) and answer["rooms"].pop("invite") is not None


@pytest.mark.parametrize("spoil", [lose_state, lose_message, hide_gap, miscount, lose_departure, lose_invitation])
def test_what_is_taken_out_of_answers_is_noticed(hearth, monkeypatch, spoil):
    """Of the answers that are spoilt some do no harm: a message may come again after a gap. One of a few walks has to notice."""
    whole = Client.fetch
    spoilt = 0

    def fetch(client, *words, **options):
        nonlocal spoilt
        answer = whole(client, *words, **options)
        spoilt += spoil(answer)
        return answer

    monkeypatch.setattr(Client, "fetch", fetch)
    for seed in range(5):
        dice = dice_of(seed)
        setup = make_setup(dice)
        if Walk(hearth, setup).run(make_operations(dice, setup, 100, restarts=False)) is not None:
            assert spoilt
            return
    pytest.fail(f"{spoilt} answers were spoilt, and no walk noticed")


def test_a_failing_list_becomes_as_short_as_it_can():
    assert shorten(list(range(100)), lambda some: {17, 42, 43} <= set(some), seconds=10) == [17, 42, 43]


def test_filters_pass_what_the_specification_says():
    event = {"type": "m.room.message", "sender": "@a:b", "content": {"url": "mxc://c/d"}}
    assert passes({}, event)
    assert passes({"types": ["m.room.*"], "not_types": ["m.room.m"], "senders": ["@a:b"], "contains_url": True}, event)
    for event_filter in (
        {"types": []}, {"types": ["m.room"]}, {"not_types": ["*"]}, {"types": ["m.*"], "not_types": ["m.room.mess*"]},
        {"senders": []}, {"not_senders": ["@a:b"]}, {"contains_url": False},
    ):
        assert not passes(event_filter, event), event_filter
