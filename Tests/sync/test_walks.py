"""Two to four users walk at random through two rooms, and whatever their clients are told is compared with what is true.

    HEARTH_WALK_STEPS   how many operations happen in all walks together; 3,000 if it is not set
    HEARTH_SEED         the first walk's seed; those of the others follow. Without it, 3,000 operations are the same ones each time, so that
                        a change fails by what it changes, and more are others each time. A failed walk prints its own
"""

import os
import time

from operations import dice_of, make_operations, make_setup
from walk import FAULTS, Walk, fault_of, told_of
from shrinking import shorten

STEPS = int(os.environ.get("HEARTH_WALK_STEPS", 3_000))
LENGTH = 150
SEED = int(os.environ.get("HEARTH_SEED", 4429 if STEPS == 3_000 else time.time_ns() % 1_000_000_000))
# How long a failing walk may be made shorter, in seconds.
PATIENCE = 40

# What has to happen in all walks together: walks in which little happens show little.
FACTS = ("join", "invite", "leave", "peek", "limited", "again", "state_after")


def test_clients_hold_what_is_true(hearth):
    seen = dict.fromkeys(FACTS, 0)
    for seed in range(SEED, SEED + max(1, STEPS // LENGTH)):
        dice = dice_of(seed)
        setup = make_setup(dice)
        operations = make_operations(dice, setup, LENGTH)
        walk = Walk(hearth, setup)
        fault = walk.run(operations)
        assert fault is None, report(hearth, seed, setup, operations, fault)
        for fact, count in walk.seen.items():
            seen[fact] = seen.get(fact, 0) + count
    print(f"walks: {STEPS} operations from seed {SEED}: {seen}")
    assert all(seen.values()), f"in these walks too little happened: {seen}"


def report(hearth, seed, setup, operations, fault):
    """What failed, and the fewest operations that were found to fail with it."""
    failing = operations[: fault.steps]
    shortest = shorten(
        failing, lambda some: fault_of(hearth, setup, some), PATIENCE,
        needless=lambda operation: operation[0] in ("sync", "held", "load_members", "read") and operation[1] != fault.client)
    last = fault_of(hearth, setup, shortest) or fault
    lines = [f"HEARTH_SEED={seed}, operation {fault.steps}: {fault}", f"with {len(shortest)} operations: {last}", told_of(setup, last)]
    return "\n".join(lines + [f"    {operation!r}," for operation in shortest])


def test_a_room_that_one_was_out_of_begins_anew(hearth):
    """What a client holds of a room from before its user was out of it does not go on where the room is told anew: `limited` says so."""
    kept_out = [("ban", "referee", 0, 0), ("unban", "referee", 0, 0), ("sync", 0, "")]
    left = [("join", 0, 0), ("sync", 0, ""), ("leave", 0, 0), ("sync", 0, "")]
    for visibility in ("invited", "shared", "joined"):
        setup = {
            "users": 1, "visibilities": [visibility, "shared"],
            "clients": [{"user": 0, "filter": {"room": {"include_leave": True, "timeline": {"limit": 100}}}, "state_after": False}]}
        for before in (kept_out, left):
            for after in ([("join", 0, 0)], [("join", 0, 0), ("leave", 0, 0)]):
                operations = [*before, ("message", "referee", 0, "m.room.message", False), *after, ("sync", 0, "")]
                fault = fault_of(hearth, setup, operations)
                assert fault is None, f"{visibility}, {operations}: {fault}"


def test_the_full_state_of_a_peek_tells_of_changed_members(hearth):
    """Members are loaded lazily: of those who changed since the last sync everybody is told, whoever else may be left out."""
    lazy = {"room": {"timeline": {"senders": ["@0"]}, "state": {"lazy_load_members": True}}}
    for state_after in (False, True):
        setup = {
            "users": 2, "visibilities": ["world_readable", "shared"],
            "clients": [{"user": 0, "filter": lazy, "state_after": state_after}]}
        for follow in ([], [("join", 0, 0)]):
            operations = [("peek", 0, 0), ("sync", 0, ""), ("join", 1, 0), *follow, ("sync", 0, "full")]
            fault = fault_of(hearth, setup, operations)
            assert fault is None, f"{operations}: {fault}"
