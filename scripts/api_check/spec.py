"""The Matrix specification's OpenAPI documents: which operations there are, and validators for what they say."""

import functools
import pathlib
import re
import urllib.parse

import jsonschema
import referencing
import referencing.jsonschema
import yaml

METHODS = ("get", "put", "post", "delete", "head", "options", "patch")
SERVER = r"(?:\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(?::\d{1,5})?"
FORMATS = {
    "mx-user-id": re.compile(rf"@[^:\0]*:{SERVER}"),
    # Since room version 12 an id has no server in it.
    "mx-room-id": re.compile(rf"![^:\0]+(?::{SERVER})?"),
    "mx-room-alias": re.compile(rf"#[^:\0]*:{SERVER}"),
    "mx-event-id": re.compile(rf"\$[^:\0]+(?::{SERVER})?"),
    "mx-server-name": re.compile(SERVER),
    "mx-mxc-uri": re.compile(rf"mxc://{SERVER}/[A-Za-z0-9_-]+"),
    "mx-unpadded-base64": re.compile(r"[A-Za-z0-9+/]*"),
    "mx-urlsafe-unpadded-base64": re.compile(r"[A-Za-z0-9_-]*"),
}


def format_checker():
    checker = jsonschema.FormatChecker(formats=())
    for name, pattern in FORMATS.items():
        checker.checks(name)(lambda value, pattern=pattern: not isinstance(value, str) or bool(pattern.fullmatch(value)))
    return checker


def with_text_keys(value):
    """YAML reads `200:` as a number; JSON, and with it every reference, knows text alone."""
    if isinstance(value, dict):
        return {str(key): with_text_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_text_keys(item) for item in value]
    return value


def canonical_path(path):
    """The path under the prefix of today, without a trailing slash: `r0` was the name of what is `v3` now."""
    path = re.sub(r"^/_matrix/(client|media)/r0/", r"/_matrix/\1/v3/", path)
    return path.rstrip("/") or "/"


class Operation:
    """One method at one path, with what the documents say of it."""

    def __init__(self, method, path, node, document, uri, pointer):
        self.method, self.path, self.node, self.document = method, path, node, document
        self.uri, self.pointer = uri, pointer
        self.name = node["operationId"]
        self.tag = (node.get("tags") or ["Other"])[0]
        self.added = node.get("x-addedInMatrixVersion")
        self.deprecated = bool(node.get("deprecated"))
        self.parts = [part for part in canonical_path(path).split("/") if part]

    def place(self, *keys):
        """The URI of a part of the operation."""
        escaped = (key.replace("~", "~0").replace("/", "~1") for key in keys)
        return "#".join((self.uri, urllib.parse.quote("/".join((self.pointer, *escaped)), safe="/~$*")))

    def matches(self, parts):
        """The values of the path's parameters; None where the path is another one."""
        if len(parts) != len(self.parts):
            return None
        values = {}
        for own, given in zip(self.parts, parts):
            if own.startswith("{"):
                values[own[1:-1]] = given
            elif own != given:
                return None
        return values

    def literals(self):
        """Which parts are literal, the more important first: the most literal path wins."""
        return [not part.startswith("{") for part in self.parts]


class Specification:
    """All operations of the client-server API below a folder that holds `data/api/client-server`."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder).resolve() / "data"
        self.api = self.root / "api" / "client-server"
        if not self.api.is_dir():
            raise FileNotFoundError(f"{self.api} is no folder: give the one that holds data/api/client-server")
        self.registry = referencing.Registry(retrieve=self.retrieve)
        self.formats = format_checker()
        # A path with a blank at its end is a second entry for one endpoint, with another kind of request; the first is the common one.
        found = [operation for file in sorted(self.api.glob("*.yaml")) for operation in self.read(file)]
        self.operations = list({(one.method, one.path): one for one in reversed(found)}.values())[::-1]
        self.by_length = {}
        for operation in sorted(self.operations, key=lambda operation: operation.literals(), reverse=True):
            self.by_length.setdefault((operation.method, len(operation.parts)), []).append(operation)

    @functools.cache
    def document(self, path):
        with open(path, "rb") as file:
            return with_text_keys(yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))

    def retrieve(self, uri):
        path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlsplit(uri).path)).resolve()
        if not path.is_relative_to(self.root):
            raise referencing.exceptions.NoSuchResource(ref=uri)
        return referencing.Resource(self.document(path), specification=referencing.jsonschema.DRAFT202012)

    def read(self, file):
        document = self.document(file)
        if not isinstance(document, dict) or "paths" not in document:
            return
        base = document["servers"][0]["variables"]["basePath"]["default"]
        for path, item in document["paths"].items():
            for method, node in item.items():
                if method in METHODS:
                    pointer = "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method
                    yield Operation(method.upper(), base + path.rstrip(" "), node, file.name, file.as_uri(), pointer)

    def find(self, method, path):
        """The operation that a request means and the values of its path, or None. The path is still percent-encoded."""
        parts = [urllib.parse.unquote(part) for part in canonical_path(path).split("/")[1:]]
        for operation in self.by_length.get((method, len(parts)), ()):
            if (values := operation.matches(parts)) is not None:
                return operation, values
        # The state key may be left out where it is empty, with the slash before it.
        if len(parts) == 7 and parts[3] == "rooms" and parts[5] == "state":
            return self.find(method, f"{path.rstrip('/')}/{EMPTY_STATE_KEY}")
        return None

    def resolve(self, uri, node):
        """The node, or what it refers to."""
        while isinstance(node, dict) and "$ref" in node:
            uri = urllib.parse.urljoin(uri, node["$ref"])
            node = self.registry.resolver().lookup(uri).contents
        return node

    @functools.cache
    def parameters(self, operation):
        """The operation's parameters by where they stand and their name."""
        found = [self.resolve(operation.uri, node) for node in operation.node.get("parameters", ())]
        return {(node["in"], node["name"]): node for node in found}

    @functools.cache
    def validator(self, uri):
        """A validator of the schema at this URI."""
        return jsonschema.Draft202012Validator({"$ref": uri}, registry=self.registry, format_checker=self.formats)

    def schema_validator(self, operation, schema):
        """A validator of a schema in the operation's own document."""
        return jsonschema.Draft202012Validator(
            {"$id": operation.uri, **schema}, registry=self.registry, format_checker=self.formats
        )

    @functools.cache
    def body_place(self, operation, *keys):
        """Where the schema of a JSON body is, below `requestBody` or `responses/STATUS`; None where that says nothing of JSON."""
        node, uri = self.resolve(operation.uri, self.at(operation, keys)), operation.place(*keys)
        if isinstance(reference := self.at(operation, keys).get("$ref"), str):
            uri = urllib.parse.urljoin(operation.uri, reference)
        if "schema" not in node.get("content", {}).get("application/json", {}):
            return None
        return f"{uri}/content/application~1json/schema"

    @staticmethod
    def at(operation, keys):
        node = operation.node
        for key in keys:
            node = node[key]
        return node

    @functools.cache
    def event_content(self, event_type):
        """Where the schema of an event's content is; None where the specification has no schema of its own for it."""
        file = self.root / "event-schemas" / "schema" / f"{event_type}.yaml"
        if not re.fullmatch(r"m\.[a-z_.]+", event_type) or not file.is_file():
            return None
        if "content" not in self.document(file).get("properties", {}):
            return None
        return f"{file.as_uri()}#/properties/content"

    def definition(self, name):
        return (self.api / "definitions" / name).as_uri()


# Stands for a state key that is left out, so that a path without one finds the operation that has one.
EMPTY_STATE_KEY = "-"
