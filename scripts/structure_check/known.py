"""What check-structure knows of these sources and no rule can say."""

# Targets whose loose files (in the target's own folder) count as one more folder, ".": the ground that the others stand on. In the other
# targets they are the face that the target shows, made of its folders and used by them.
LOOSE_FILES_COUNT = {"HearthRuntime"}

# Arrows between folders of a target that close cycles and are still to be cut: from a folder to those that it is not to use any longer.
# Without them no target has a cycle. The table only shrinks: an arrow that is gone, or that closes no cycle any more, fails until it is
# taken out.
ARROWS_TO_CUT = {
    "HearthServices": {},
}
