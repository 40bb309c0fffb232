"""Writes docs/api.md: each endpoint of the client-server specification, and whether the server has it."""

import re

from .spec import canonical_path

OPENING = """# The client-server API: what is served

This page is written by `scripts/check-api`, from the specification's documents and the routes that `hearth routes` prints; the reasons come
from `scripts/api_check/known.yaml`. Write it anew after a change of routes: `make api-page`.

**{served} of {wanted}** endpoints are served; {not_meant} more are not meant to be. `r0` stands for the old prefix `/_matrix/client/r0`
(`/_matrix/media/r0`), under which an endpoint is served as well.
"""
BEYOND = """## Beyond the specification

| endpoint | |
|---|---|
"""


def nameless(path):
    """The path with nothing of its parameters but their places."""
    return re.sub(r"\{[^}]*\}|(?<=/):[^/]+", "*", canonical_path(path))


def parse_routes(text):
    """`hearth routes` as pairs of method and path."""
    pairs = [line.split(" ", 1) for line in text.splitlines() if line.strip()]
    if not pairs or any(len(pair) != 2 or not pair[1].startswith("/") for pair in pairs):
        raise ValueError("these are no routes: one line each, METHOD /path")
    return [(method, path) for method, path in pairs]


class Page:
    def __init__(self, specification, known, routes):
        self.specification, self.known = specification, known
        self.routes = {}
        for method, path in routes:
            self.routes.setdefault((method, nameless(path)), []).append(path)

    def is_served(self, operation):
        return (operation.method, nameless(operation.path)) in self.routes

    def reason_not_meant(self, operation):
        """One word why an endpoint is not meant to be served; None where it only is not served yet."""
        return self.known.not_meant.get(operation.name)

    def faults(self):
        """What is wrong with the data: routes that nobody explains, and reasons for what is served all the same."""
        described = {(operation.method, nameless(operation.path)) for operation in self.specification.operations}
        for (method, path), paths in sorted(self.routes.items()):
            if (method, path) not in described and not self.known.is_own(method, paths[0]) and not self.is_short_state(path):
                yield f"{method} {paths[0]} is served, but neither in the specification nor among `beyond` in known.yaml"
        names = {operation.name: operation for operation in self.specification.operations}
        for name in self.known.not_meant:
            if name not in names:
                yield f"known.yaml gives a reason for {name}, which is no operation of the specification"
            elif self.is_served(names[name]):
                yield f"known.yaml says why {name} is not meant to be served, but it is"

    @staticmethod
    def is_short_state(path):
        """An empty state key may be left out together with its slash."""
        return path == "/_matrix/client/v3/rooms/*/state/*"

    def served_as(self, operation):
        paths = self.routes.get((operation.method, nameless(operation.path)), ())
        return "yes, r0" if any("/r0/" in path for path in paths) else "yes"

    def state(self, operation):
        if self.is_served(operation):
            return self.served_as(operation)
        reason = self.reason_not_meant(operation)
        return f"not meant: {reason}" if reason else "not yet"

    def text(self):
        operations = self.specification.operations
        served = sum(map(self.is_served, operations))
        not_meant = sum(not self.is_served(operation) and bool(self.reason_not_meant(operation)) for operation in operations)
        parts = [OPENING.format(served=served, wanted=len(operations) - not_meant, not_meant=not_meant)]
        for tag in sorted({operation.tag for operation in operations}):
            rows = sorted((operation for operation in operations if operation.tag == tag), key=lambda one: (one.path, one.method))
            parts.append(f"## {tag}\n\n| endpoint | served |\n|---|---|\n" + "".join(map(self.row, rows)))
        own = [self.own_row(method, paths[0]) for (method, _), paths in sorted(self.routes.items(), key=lambda item: item[1][0])]
        parts.append(BEYOND + "".join(dict.fromkeys(row for row in own if row)))
        return "\n".join(parts)

    def row(self, operation):
        return f"| [`{operation.method} {operation.path}`]({link(operation)}) | {self.state(operation)} |\n"

    def own_row(self, method, path):
        entry = self.known.own(method, path)
        if entry is None:
            return None
        shown = re.sub(r"(?<=/):([^/]+)", r"{\1}", canonical_path(path))
        return f"| `{method} {shown}` | {entry['reason']} |\n"


def link(operation):
    """The endpoint's place in the specification: in v1.16, or in the newest where it came later."""
    version = "v1.16"
    if operation.added and [int(part) for part in str(operation.added).split(".")] > [1, 16]:
        version = "latest"
    anchor = re.sub(r"[^a-z0-9_-]", "", (operation.method + operation.path).lower())
    return f"https://spec.matrix.org/{version}/client-server-api/#{anchor}"
