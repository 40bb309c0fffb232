"""The same random operations on Hearth and on Synapse: what the servers take, and what model clients hold in the end, is equal.

    HEARTH_WALK_STEPS   how many operations happen on each server; 500 if it is not set
    HEARTH_SEED         the first walk's seed; those of the others follow. The same walks each time if it is not set: what Synapse does
                        on purpose, or not, is learnt from new ones by hand
"""

import os

from operations import dice_of, make_operations, make_setup
from shrinking import shorten
from side_by_side import Side, differences
from walk import FAULTS
from world import Dialect

STEPS = int(os.environ.get("HEARTH_WALK_STEPS", 500))
LENGTH = 100
SEED = int(os.environ.get("HEARTH_SEED", 3032))
# How long a failing walk may be made shorter, in seconds.
PATIENCE = 60

# Synapse serves state_after under its unstable name, to whom it is allowed.
SYNAPSE = Dialect(
    "org.matrix.msc4222.use_state_after", "org.matrix.msc4222.state_after", only_lazy_summaries=True, has_rooms_twice=True)


class Servers:
    """Both servers, and walks on them side by side."""

    def __init__(self, hearth, synapse):
        self.hearth, self.synapse, self.walks = hearth, synapse, 0

    def walk(self, setup, operations):
        """How the two differ after these operations, as lines."""
        self.walks += 1
        names = [f"p{self.walks}u{user}" for user in range(setup["users"])] + [f"p{self.walks}referee"]
        sides = [Side("Hearth", self.hearth, setup, Dialect(), names), Side("Synapse", self.synapse, setup, SYNAPSE, names)]
        try:
            for operation in operations:
                taken = [side.step(operation) for side in sides]
                if taken[0] != taken[1]:
                    return [f"{operation} was {' and '.join('taken' if each else 'refused' for each in taken)}"]
            for side in sides:
                side.finish()
            return differences(*sides)
        except FAULTS as fault:
            return [f"{type(fault).__name__}: {fault}"]
        finally:
            for side in sides:
                side.world.close()


def test_clients_of_hearth_and_of_synapse_end_equal(hearth, synapse):
    servers = Servers(hearth, synapse)
    for seed in range(SEED, SEED + STEPS // LENGTH):
        dice = dice_of(seed)
        setup = make_setup(dice)
        # Synapse has no peeks.
        operations = make_operations(dice, setup, LENGTH, peeks=False, restarts=False, holds=False)
        lines = servers.walk(setup, operations)
        assert not lines, report(servers, seed, setup, operations, lines)


def report(servers, seed, setup, operations, lines):
    shortest = shorten(operations, lambda some: bool(servers.walk(setup, some)), PATIENCE)
    clients = [f"client {number}: {client}" for number, client in enumerate(setup["clients"])]
    operations = [f"    {operation!r}," for operation in shortest]
    head = f"HEARTH_SEED={seed}: Hearth and Synapse differ:"
    return "\n".join([head, *lines, f"rooms {setup['visibilities']}", *clients, *operations, *servers.walk(setup, shortest)])
