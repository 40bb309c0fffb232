"""Checks recorded requests and answers against the specification."""

import collections
import json
import re
import urllib.parse

from .shapes import shape

# What any endpoint may answer, whatever is said of it: https://spec.matrix.org/v1.16/client-server-api/#standard-error-response
STANDARD_ERRORS = {400, 401, 403, 404, 405, 413, 429}
ERROR_CODE = re.compile(r"(?:M|[A-Z]+(?:\.[A-Z0-9]+)+)_[A-Z0-9_]+|[a-z0-9]+(?:\.[A-Za-z0-9_]+)+")
NO_TOKEN = {"M_MISSING_TOKEN", "M_UNKNOWN_TOKEN"}
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,40}")
# Where events stand whose types are their users' own choice; everything else is of the section "events".
SECTIONS = {"account_data", "to_device"}


class Finding:
    """Something that is not as the specification says: what, where, how often, and where it was seen first."""

    def __init__(self, operation, part, at, says, first):
        self.operation, self.part, self.at, self.says, self.first = operation, part, at, says, first
        self.count = 0
        self.reason = None

    def __str__(self):
        place = f" at {self.at}" if self.at else ""
        return f"{self.operation}: {self.part}{place}: {self.says} ({self.count} times, first {self.first})"


class Checker:
    """Takes exchanges one by one and keeps what is wrong with them."""

    def __init__(self, specification, known):
        self.specification, self.known = specification, known
        self.findings = {}
        self.verdicts = {}
        self.counts = collections.Counter()
        self.seen = collections.Counter()

    # What is asked of the checker.

    def check_file(self, path):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    exchange = json.loads(line)
                except ValueError:
                    # A test run that was broken off leaves half a line at the end.
                    self.counts["broken lines"] += 1
                    continue
                self.check(exchange, f"{path.name}:{number}")

    def violations(self):
        return [finding for finding in self.findings.values() if finding.reason is None]

    def deviations(self):
        return [finding for finding in self.findings.values() if finding.reason is not None]

    def check(self, exchange, where):
        self.counts["exchanges"] += 1
        method, path, status = exchange["method"], exchange["path"], exchange["status"]
        if method in ("OPTIONS", "HEAD"):
            self.counts["OPTIONS and HEAD"] += 1
            return
        found = self.specification.find(method, path)
        if found is None:
            self.check_unknown(exchange, where)
            return
        operation, values = found
        body = exchange.get("answer_body")
        if isinstance(body, dict) and body.get("errcode") == "M_UNRECOGNIZED" and status in (404, 405):
            self.counts["not served"] += 1
            return
        self.counts["checked"] += 1
        self.seen[operation.name] += 1
        key = (
            operation.name, status, exchange.get("query", ""), shape(exchange.get("request_body")), shape(body),
            shape(exchange.get("answer_headers")), shape(values),
        )
        if key not in self.verdicts:
            self.verdicts[key] = [self.keep(operation.name, *fault, where) for fault in self.faults(operation, values, exchange)]
        for finding in self.verdicts[key]:
            finding.count += 1

    # How one exchange is judged: faults are (part, at, says).

    def check_unknown(self, exchange, where):
        method, path, status = exchange["method"], exchange["path"], exchange["status"]
        if status in (400, 404, 405):
            self.counts["unknown and refused"] += 1
        elif self.known.is_own(method, path):
            self.counts["Hearth's own, or a proposal's"] += 1
        else:
            said = re.sub(r"[!@#$%][^/]*", "{}", path)
            self.keep(f"{method} {said}", "request", "", f"answered with {status}, but no operation of the specification", where).count += 1

    def faults(self, operation, values, exchange):
        yield from self.answer_faults(operation, exchange)
        # What is wrong with a request is for the server to say; what it takes should be what the specification has.
        if 200 <= exchange["status"] < 300:
            yield from self.parameter_faults(operation, values, exchange)
            yield from self.request_faults(operation, exchange)

    def parameter_faults(self, operation, values, exchange):
        known = self.specification.parameters(operation)
        query = dict(urllib.parse.parse_qsl(exchange.get("query", ""), keep_blank_values=True))
        for (place, name), node in known.items():
            if place == "query" and node.get("required") and name not in query:
                yield "query", name, "is missing"
        for name, text in query.items():
            node = known.get(("query", name))
            if node is not None:
                yield from self.text_faults(operation, "query", name, text, node)
            elif name != "access_token" and not name.startswith(("io.hearth.", "org.matrix.")):
                yield "query", name, "is no parameter of this operation"
        for name, text in values.items():
            node = known.get(("path", name))
            if node is None:
                yield "path", name, "is not described"
            else:
                yield from self.text_faults(operation, "path", name, text, node)

    def text_faults(self, operation, part, name, text, node):
        schema = node.get("schema", {})
        kind = schema.get("type")
        value = text
        if kind in ("integer", "number") and re.fullmatch(r"-?\d+", text):
            value = int(text)
        elif kind == "boolean" and text in ("true", "false"):
            value = text == "true"
        elif kind == "array":
            value = [text]
        for error in self.specification.schema_validator(operation, schema).iter_errors(value):
            yield part, name, describe(error)

    def request_faults(self, operation, exchange):
        if "requestBody" not in operation.node:
            return
        node = self.specification.resolve(operation.uri, operation.node["requestBody"])
        place = self.specification.body_place(operation, "requestBody")
        if place is None:
            return  # Bytes of any kind, and no bytes at all are an empty file.
        if "request_body" not in exchange:
            if node.get("required") and not exchange.get("request_size"):
                yield "request", "", "has no body"
        else:
            yield from self.schema_faults("request", place, exchange["request_body"])

    def answer_faults(self, operation, exchange):
        status, headers = exchange["status"], exchange.get("answer_headers")
        if headers is not None and "access-control-allow-origin" not in headers:
            yield "headers", "access-control-allow-origin", "is missing"
        described = operation.node["responses"].get(str(status))
        if described is None and status not in STANDARD_ERRORS:
            yield "status", "", f"{status} is none of {', '.join(operation.node['responses'])}"
        if status >= 400:
            yield from self.error_faults(operation, described, exchange)
            return
        if described is None:
            return
        if "answer_body" not in exchange:
            if self.specification.body_place(operation, "responses", str(status)) is not None and "content" in described:
                if set(described["content"]) == {"application/json"}:
                    yield "answer", "", "is no JSON"
            return
        if headers is not None and not headers.get("content-type", "").startswith("application/json"):
            yield "headers", "content-type", "is not application/json"
        if (place := self.specification.body_place(operation, "responses", str(status))) is not None:
            yield from self.schema_faults("answer", place, exchange["answer_body"])
            yield from self.event_faults(exchange["answer_body"])

    def error_faults(self, operation, described, exchange):
        status, body = exchange["status"], exchange.get("answer_body")
        if not isinstance(body, dict):
            yield "error", "", f"{status} without a JSON object"
            return
        asks_for_authentication = status == 401 and "flows" in body
        code = body.get("errcode")
        if not asks_for_authentication:
            if not isinstance(code, str) or not ERROR_CODE.fullmatch(code):
                yield "error", "errcode", f"{code!r} is no error code"
            if not isinstance(body.get("error"), str):
                yield "error", "error", "is no text"
        place = self.specification.body_place(operation, "responses", str(status)) if described is not None else None
        if place is None or (status == 401 and code in NO_TOKEN and not asks_for_authentication):
            name = "errors/rate_limited.yaml" if status == 429 else "errors/error.yaml"
            place = None if asks_for_authentication else self.specification.definition(name)
        if place is None:
            yield "error", "", "asks for authentication, which this operation never does"
        else:
            yield from self.schema_faults("error", place, body)

    def schema_faults(self, part, place, value):
        for error in self.specification.validator(place).iter_errors(value):
            yield part, general_path(error.absolute_path), describe(error)

    def event_faults(self, value, section="events"):
        """The contents of the events that the server makes itself; what users send is for them to answer for.

        What stands in a section of account data may be of any type that a user named, and so may what stands among to-device messages."""
        if isinstance(value, list):
            for item in value:
                yield from self.event_faults(item, section)
        elif isinstance(value, dict):
            kind, content = value.get("type"), value.get("content")
            if isinstance(kind, str) and isinstance(content, dict) and kind in self.known.server_events.get(section, ()):
                redacted = "redacted_because" in (value.get("unsigned") or {})
                sent_by_user = kind == "m.presence" and "state_key" in value and not value.get("sender", "").startswith("@_hearth:")
                place = self.specification.event_content(kind)
                if place is not None and not redacted and not sent_by_user:
                    for _, path, says in self.schema_faults("event", place, content):
                        yield "event", f"{kind}/{path}", says
            for key, item in value.items():
                yield from self.event_faults(item, key if key in SECTIONS else section)

    def keep(self, operation, part, at, says, where):
        key = (operation, part, at, says)
        if key not in self.findings:
            finding = self.findings[key] = Finding(operation, part, at, says, where)
            finding.reason = self.known.reason(finding)
        return self.findings[key]


def general_path(path):
    """The place of a value in a document, without what differs from one exchange to the next."""
    return "/".join("*" if isinstance(part, int) or not WORD.fullmatch(part) else part for part in path)


def describe(error):
    """What is wrong, in few words and without the value's own text where that is long."""
    if error.validator in ("oneOf", "anyOf") and error.context:
        reasons = sorted({describe(inner) for inner in error.context})
        return f"is none of the variants ({'; '.join(reasons)[:200]})"
    if error.validator == "oneOf":
        return "fits more than one of the variants"
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return f"lacks {', '.join(missing)}"
    text = json.dumps(error.instance, ensure_ascii=False)
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    if error.validator == "type":
        return f"{kind_of(error.instance)} instead of {error.validator_value}"
    if error.validator == "enum":
        return f"{shown} is none of {', '.join(map(str, error.validator_value))}"
    if error.validator in ("format", "pattern"):
        return f"does not fit the {error.validator} {error.validator_value}"
    if error.validator == "additionalProperties":
        return "has members that it must not have"
    return error.message[:120]


def kind_of(value):
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return names[type(value)]
