"""Finds which folders of a target use which others, by names alone, and the cycles among them.

A folder is a folder of `Sources/<target>/`, with all below it. Files that lie in the target itself are a folder, named ".", where known.py
says so; elsewhere they belong to none. An arrow goes from one folder to another where the one uses

- a type, a function or a value that only the other declares outside of all types,
- a member that only the other adds by an extension to a type that is not its own, or
- a member of a value whose type is the other's.

A member is found by its receiver: the type that surrounds a bare name, or the type that is written behind the receiver's name
(`in context: WriteContext`). Where the receiver says nothing, the name must be one that nothing else in the sources has; else the use is
listed as ambiguous, and makes no arrow. What no name shows makes no arrow either: a value that is handed on without its type being written.
"""

import pathlib
from collections import defaultdict
from dataclasses import dataclass, field

from . import swift
from .known import LOOSE_FILES_COUNT


@dataclass(frozen=True, order=True)
class Reference:
    path: pathlib.Path
    line: int
    name: str

    def __str__(self):
        return f"{self.path}:{self.line} {self.name}"


@dataclass
class Arrows:
    """Of one target: from folder to folder, with the references that make each arrow."""

    by_pair: dict = field(default_factory=lambda: defaultdict(list))
    ambiguous: list = field(default_factory=list)

    def add(self, source, destination, reference):
        references = self.by_pair[source, destination]
        if reference not in references:
            references.append(reference)

    def mutual(self):
        """The pairs of folders that use each other, by name."""
        return sorted((a, b) for a, b in self.by_pair if a < b and (b, a) in self.by_pair)

    def cycle_through(self, source, destination, without=frozenset()):
        """A shortest cycle that begins with this arrow, as the folders on it; nil if the arrow is on none."""
        edges = defaultdict(set)
        for a, b in self.by_pair:
            if (a, b) not in without:
                edges[a].add(b)
        came_from, rim = {destination: None}, [destination]
        while rim:
            following = []
            for folder in rim:
                if folder == source:
                    way = []
                    while folder is not None:
                        way.append(folder)
                        folder = came_from[folder]
                    return way[:1] + way[:0:-1]
                for other in sorted(edges[folder]):
                    if other not in came_from:
                        came_from[other] = folder
                        following.append(other)
            rim = following
        return None


@dataclass(frozen=True)
class Home:
    """Where a name is declared."""

    folder: str
    target: str
    declaration: swift.Declaration


class Names:
    """What all targets declare."""

    def __init__(self, sources):
        self.globals = defaultdict(list)  # (target, name) -> homes
        self.members = defaultdict(list)  # name -> homes
        self.types = defaultdict(set)  # (target, name) -> folders that declare the type
        for (target, folder, _), file in sources.items():
            for declaration in file.declarations:
                home = Home(folder, target, declaration)
                if declaration.owner:
                    self.members[declaration.name].append(home)
                elif not declaration.is_hidden:
                    self.globals[target, declaration.name].append(home)
                    if declaration.kind in swift.TYPES | {"typealias"}:
                        self.types[target, declaration.name].add(folder)

    def is_foreign(self, home):
        """Whether the member is one that a folder adds to a type which it does not declare."""
        return home.declaration.in_extension and home.folder not in self.types[home.target, home.declaration.owner]


def fits(labels, declaration):
    """Whether a use with these argument labels can mean the declaration: parameters with defaults and closures may be missing."""
    if declaration.kind not in ("func", "init"):
        return True
    if labels is None:
        return False
    rest = iter(declaration.labels)
    return all(any(label == other for other in rest) for label in labels)


def that_fit(labels, homes):
    """Those that a use with these labels can mean: the ones with the very labels, if there are any."""
    fitting = [home for home in homes if fits(labels, home.declaration)]
    return [home for home in fitting if home.declaration.kind in ("func", "init") and home.declaration.labels == labels] or fitting


def folder_of(path):
    """The folder of a file in `Sources/<target>/…`, or "" if it belongs to none."""
    if len(path.parts) > 3:
        return path.parts[2]
    return "." if path.parts[1] in LOOSE_FILES_COUNT else ""


def read_sources(root, paths):
    sources = {}
    for path in paths:
        if path.suffix == ".swift" and path.parts[0] == "Sources" and len(path.parts) > 2:
            sources[path.parts[1], folder_of(path), path] = swift.read((root / path).read_text(encoding="utf-8"))
    return sources


def find_arrows(sources):
    """The arrows of each target."""
    names = Names(sources)
    result = defaultdict(Arrows)
    written = defaultdict(lambda: defaultdict(set))  # target, or None for all -> name -> the types that are written behind it
    for (target, _, _), file in sources.items():
        for name, kinds in file.annotations.items():
            written[target][name] |= kinds
            written[None][name] |= kinds
    for (target, folder, path), file in sources.items():
        arrows = result[target]
        if folder:
            finder = Finder(names, target, folder, path, file, (file.annotations, written[target], written[None]), arrows)
            for use in file.uses:
                finder.follow(use)
    return result


@dataclass
class Finder:
    """Follows the uses of one file."""

    names: Names
    target: str
    folder: str
    path: pathlib.Path
    file: swift.SwiftFile
    annotations: tuple
    arrows: Arrows

    def __post_init__(self):
        self.own = {declaration.name for declaration in self.file.declarations}

    def follow(self, use):
        reference = Reference(self.path, use.line, use.name)
        if use.receiver in (None, self.target) and self.follow_global(use, reference):
            return
        self.follow_member(use, reference)

    def settle(self, homes, reference):
        """Draws the arrow to the one folder that the name can mean; None stands for what is no folder's own."""
        folders = set(homes)
        if len(folders) == 1:
            folder = folders.pop()
            if folder and folder != self.folder:
                self.arrows.add(self.folder, folder, reference)
        elif folders and self.folder not in folders:
            self.arrows.ambiguous.append((reference, sorted(folder or "elsewhere" for folder in folders)))

    def follow_global(self, use, reference):
        """Whether the use is settled."""
        homes = self.names.globals.get((self.target, use.name), [])
        is_type = use.name[:1].isupper()
        if not homes or (not is_type and (use.name in self.file.locals or self.is_member_of(use.owner, use.name))):
            return False
        if use.name not in self.own:
            self.settle([home.folder for home in homes], reference)
        # The initializer may be another folder's than the type.
        return not (is_type and use.labels is not None)

    def is_member_of(self, owner, name):
        return any(home.declaration.owner == owner for home in self.names.members[name])

    def receiver_types(self, use):
        """The types that the receiver can be of; nothing if that is unknown."""
        if use.receiver is None or use.receiver in ("self", "Self"):
            return {use.owner} if use.owner else set()
        if use.receiver[:1].isupper():
            return {use.receiver}
        for annotations in self.annotations:
            if annotations.get(use.receiver):
                return annotations[use.receiver]
        return set()

    def follow_member(self, use, reference):
        name, is_bare = use.name, use.receiver is None
        if is_bare and name[:1].isupper():
            if use.labels is None:
                return
            name, receivers = "init", {use.name}
        elif is_bare and use.labels is None and name in self.file.locals:
            return
        else:
            receivers = self.receiver_types(use)
        candidates = self.names.members.get(name, [])
        if use.receiver not in (None, "self", "Self") and len(receivers) == 1:
            self.follow_value(*receivers, use, candidates)
        if not any(home.target == self.target and self.names.is_foreign(home) for home in candidates):
            return
        candidates = [home for home in candidates if not home.declaration.is_hidden or home.folder == self.folder]
        known = [home for home in candidates if home.declaration.owner in receivers]
        if known or is_bare or name == "init":
            candidates = known
        fitting = that_fit(use.labels, candidates)
        self.settle([home.folder if home.target == self.target and self.names.is_foreign(home) else None for home in fitting], reference)

    def follow_value(self, kind, use, candidates):
        """A member of a value whose type is another folder's, declared there."""
        folders = self.names.types.get((self.target, kind), set())
        if len(folders) == 1 and not use.receiver[:1].isupper():
            homes = {home.folder for home in candidates if home.declaration.owner == kind and home.target == self.target}
            if homes == folders:
                self.settle(folders, Reference(self.path, use.line, f"{use.receiver}.{use.name}"))


def cycles_but_for(arrows, known):
    """The cycles that are left without the known arrows: a shortest one, then what is left without the weakest arrow of that, and so on."""
    without, cycles = set(known), []
    while True:
        left = [arrows.cycle_through(*step, without) for step in sorted(arrows.by_pair) if step not in without]
        shortest = min((cycle for cycle in left if cycle), key=len, default=None)
        if shortest is None:
            return cycles
        cycles.append(shortest)
        steps = zip(shortest, shortest[1:] + shortest[:1])
        without.add(min(steps, key=lambda step: (len(arrows.by_pair[step]), step)))


def check_cycles(findings, sources, arrows_to_cut):
    """Refuses cycles between the folders of a target, and arrows to cut that are cut."""
    found = find_arrows(sources)
    for target in sorted(found.keys() | arrows_to_cut.keys()):
        arrows = found[target]
        known = {(source, other) for source, others in arrows_to_cut.get(target, {}).items() for other in others}
        for cycle in cycles_but_for(arrows, known):
            steps = zip(cycle, cycle[1:] + cycle[:1])
            why = "; ".join(f"{a} uses {b} ({arrows.by_pair[a, b][0]})" for a, b in steps)
            findings.problems.append(f"{target}: a cycle of folders, {' -> '.join(cycle + cycle[:1])}: {why}")
        for source, other in sorted(known):
            stale = f"{target}: {source} -> {other} is to be taken out of ARROWS_TO_CUT: "
            if (source, other) not in arrows.by_pair:
                findings.problems.append(stale + "nothing makes it any more")
            elif arrows.cycle_through(source, other, known - {(source, other)}) is None:
                findings.problems.append(stale + "it closes no cycle any more")
    return found


def report(found, arrows_to_cut):
    """What each target's folders use of each other, for people: pairs, arrows to cut with all their references, ambiguous uses."""
    for target, arrows in sorted(found.items()):
        pairs = arrows.mutual()
        known = {(source, other) for source, others in arrows_to_cut.get(target, {}).items() for other in others}
        if not arrows.by_pair:
            continue
        yield f"{target}: {len(arrows.by_pair)} arrows, {len(pairs)} pairs of folders that use each other"
        for a, b in pairs:
            yield f"  {a} <-> {b} ({len(arrows.by_pair[a, b])} and {len(arrows.by_pair[b, a])} uses)"
        for step in sorted(known & arrows.by_pair.keys(), key=lambda step: (len(arrows.by_pair[step]), step)):
            yield f"  to cut: {step[0]} -> {step[1]}"
            yield from (f"    {reference}" for reference in sorted(arrows.by_pair[step]))
        for reference, folders in sorted(arrows.ambiguous):
            yield f"  ambiguous: {reference}, of {' or '.join(folders)}"
