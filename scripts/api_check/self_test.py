"""Shows on a small specification of its own that sound exchanges pass and that each kind of broken one is noticed."""

import copy
import pathlib
import tempfile

from .exchanges import Checker
from .known import Known
from .page import Page
from .spec import Specification

DOCUMENTS = {
    "api/client-server/lamps.yaml": """
openapi: 3.1.0
servers: [{url: x, variables: {basePath: {default: /_matrix/client/v3}}}]
paths:
  "/lamps/{lampId}":
    put:
      operationId: setLamp
      tags: [Lamps]
      parameters:
        - {in: path, name: lampId, required: true, schema: {type: string, format: mx-user-id}}
        - {in: query, name: fade, schema: {type: integer}}
        - {in: query, name: why, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [bright], properties: {bright: {type: boolean}}}
      responses:
        200:
          content:
            application/json:
              schema:
                type: object
                required: [events]
                properties:
                  events: {type: array, items: {$ref: definitions/event.yaml}}
        "403": {$ref: "#/components/responses/refused"}
        "429": {content: {application/json: {schema: {$ref: definitions/errors/rate_limited.yaml}}}}
  "/lamps/{lampId}/picture":
    put:
      operationId: setPicture
      tags: [Lamps]
      parameters: [{in: path, name: lampId, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/octet-stream: {}}}
      responses: {200: {content: {application/json: {schema: {type: object}}}}}
components:
  responses:
    refused: {content: {application/json: {schema: {type: object, required: [errcode, owner]}}}}
""",
    "api/client-server/definitions/event.yaml": "type: object\nrequired: [event_id]\nproperties: {event_id: {type: string, format: mx-event-id}}",
    "api/client-server/definitions/errors/error.yaml": "type: object\nrequired: [errcode]",
    "api/client-server/definitions/errors/rate_limited.yaml": "type: object\nrequired: [errcode, retry_after_ms]",
    "event-schemas/schema/m.lamp.yaml": """
properties:
  content: {type: object, required: [lit], properties: {lit: {$ref: components/flag.yaml}}}
""",
    "event-schemas/schema/components/flag.yaml": "type: boolean",
}
KNOWN = """
deviations:
  - {operation: setLamp, part: answer, at: colour, says: "", reason: coloured lamps}
  - {operation: setLamp, part: query, at: meant, reason: a test}
beyond: [{methods: GET, path: "/_matrix/client/unstable/own/.*", reason: own}]
server_events: {events: [m.lamp]}
not_meant: {}
"""
SOUND = {
    "method": "PUT", "path": "/_matrix/client/r0/lamps/%40a%3Ab", "query": "why=dark&fade=3", "request_body": {"bright": True}, "request_size": 11,
    "status": 200, "answer_headers": {"content-type": "application/json", "access-control-allow-origin": "*"}, "answer_size": 9,
    "answer_body": {"events": [{"event_id": "$e", "type": "m.lamp", "content": {"lit": True}}]},
}
PICTURE = {key: value for key, value in SOUND.items() if key != "request_body"} | {
    "path": "/_matrix/client/v3/lamps/%40a%3Ab/picture", "query": "", "request_size": 0, "answer_body": {},
}
ERROR = SOUND | {"status": 400, "answer_body": {"errcode": "M_BAD_JSON", "error": "What?"}}


def event(**changes):
    return {"answer_body": {"events": [SOUND["answer_body"]["events"][0] | changes]}}


# What is changed in a sound exchange, and a part of the sentence that must be said of it; None where nothing is wrong.
CASES = {
    "sound": (SOUND, {}, None),
    "a sound error": (ERROR, {}, None),
    "an operation's own error": (ERROR, {"status": 403, "answer_body": {"errcode": "M_FORBIDDEN", "error": "No.", "owner": "b"}}, None),
    "a missing token": (ERROR, {"status": 401, "answer_body": {"errcode": "M_MISSING_TOKEN", "error": "No."}}, None),
    "meant to be so": (SOUND, {"query": "why=dark&meant=1"}, None),
    "Hearth's own": (SOUND, {"method": "GET", "path": "/_matrix/client/unstable/own/x"}, None),
    "an endpoint nobody knows": (SOUND, {"path": "/_matrix/client/v3/candles"}, "no operation"),
    "a member is missing": (SOUND, {"answer_body": {}}, "lacks events"),
    "of the wrong type": (SOUND, {"answer_body": {"events": {}}}, "object instead of array"),
    "wrong in a referred document": (SOUND, event(event_id=7), "integer instead of string"),
    "no event id": (SOUND, event(event_id="e"), "format mx-event-id"),
    "a wrong event": (SOUND, event(content={"lit": "yes"}), "string instead of boolean"),
    "an empty event": (SOUND, event(content={}), "lacks lit"),
    "a user's own account data": (SOUND, event(unsigned={"account_data": {"type": "m.lamp", "content": {}}}), None),
    "no JSON": (SOUND, {"answer_body": None}, "is no JSON"),
    "another content type": (SOUND, {"answer_headers": SOUND["answer_headers"] | {"content-type": "text/plain"}}, "application/json"),
    "not for browsers": (SOUND, {"answer_headers": {"content-type": "application/json"}}, "access-control-allow-origin"),
    "a status nobody knows": (SOUND, {"status": 201}, "201 is none of"),
    "a failing server": (ERROR, {"status": 500}, "500 is none of"),
    "an error without a code": (ERROR, {"answer_body": {"error": "What?"}}, "is no error code"),
    "an error without a text": (ERROR, {"answer_body": {"errcode": "M_X"}}, "is no text"),
    "an error that is no object": (ERROR, {"answer_body": []}, "without a JSON object"),
    "an own error that lacks something": (ERROR, {"status": 403}, "lacks owner"),
    "a rate limit without a time": (ERROR, {"status": 429}, "lacks retry_after_ms"),
    "authentication out of place": (ERROR, {"status": 401, "answer_body": {"flows": [], "session": "s"}}, "never does"),
    "a bad body accepted": (SOUND, {"request_body": {"bright": 1}}, "integer instead of boolean"),
    "no body accepted": (SOUND, {"request_body": None, "request_size": 0}, "has no body"),
    "an empty file": (PICTURE, {}, None),
    "an unknown parameter": (SOUND, {"query": "why=dark&speed=3"}, "no parameter"),
    "a parameter of the wrong type": (SOUND, {"query": "why=dark&fade=slow"}, "string instead of integer"),
    "a parameter missing": (SOUND, {"query": ""}, "is missing"),
    "a path of the wrong form": (SOUND, {"path": "/_matrix/client/v3/lamps/a"}, "format mx-user-id"),
}


def specification(folder):
    for name, text in DOCUMENTS.items():
        path = pathlib.Path(folder) / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Specification(folder)


def failures(specification):
    for name, (base, changes, expected) in CASES.items():
        exchange = {key: value for key, value in (copy.deepcopy(base) | changes).items() if value is not None}
        checker = Checker(specification, Known(KNOWN))
        checker.check(exchange, "here")
        checker.check(exchange, "there")
        said = sorted(map(str, checker.violations()))
        if expected is None and said:
            yield f"{name}: should pass, but: {said}"
        elif expected is not None and not any(expected in sentence and "(2 times, first here)" in sentence for sentence in said):
            yield f"{name}: nothing says {expected!r}: {said}"
    yield from page_failures(specification)


def page_failures(specification):
    served = Page(specification, Known(KNOWN), [("PUT", "/_matrix/client/r0/lamps/:id"), ("GET", "/_matrix/client/unstable/own/:x")])
    if list(served.faults()) or "| yes, r0 |" not in served.text() or "`GET /_matrix/client/unstable/own/{x}` | own" not in served.text():
        yield f"the page of a sound server is wrong: {list(served.faults())}\n{served.text()}"
    if "| not yet |" not in Page(specification, Known(KNOWN), []).text():
        yield "the page does not say what is not served"
    if not list(Page(specification, Known(KNOWN), [("GET", "/_matrix/client/v3/candles")]).faults()):
        yield "a route that nobody explains goes unnoticed"
    excused = Known(KNOWN.replace("not_meant: {}", "not_meant: {setLamp: dark}"))
    if "not meant: dark" not in Page(specification, excused, []).text():
        yield "the page does not say why something is not meant"
    if not list(Page(specification, excused, [("PUT", "/_matrix/client/v3/lamps/:id")]).faults()):
        yield "a reason for what is served all the same goes unnoticed"


def run():
    with tempfile.TemporaryDirectory() as folder:
        found = list(failures(specification(folder)))
    for failure in found:
        print(f"check-api --self-test: {failure}")
    print(f"check-api --self-test: {len(CASES)} exchanges, {len(found)} failures")
    return 1 if found else 0
