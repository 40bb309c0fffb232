"""Breaks each rule in a small tree of its own and says which of them check-structure would not notice."""

import pathlib
import tempfile

from .folders import check_cycles, find_arrows, read_sources
from .manifest import Manifest

CLEAN = '''\
public import MatrixModel
@preconcurrency internal import struct Crypto.SHA256

/// SELECT a word, .now and then; async prose; Foundation's Date() too.
let text = "import Foundation; async .now try? fatalError( // no comment"
let raw = #"a "quoted" .now"# /* await .random( */
'''
MACHINE = "/" + "root/x"
NOTE = "TO" + "DO"
PURE = "/// What is due. Pure.\n"

# One broken file each, and what it breaks.
BROKEN = {
    "an upward import": ("Sources/PresenceCore/A.swift", "import HearthServices\n"),
    "a sideways import": ("Sources/RoomRules/A.swift", "public import PresenceCore\n"),
    "an edge at the store": ("Sources/ClientAPI/A.swift", "import HearthStore\nlet a: StoreTransaction\n"),
    "the test kit in the sources": ("Sources/HearthServices/A.swift", "import HearthTestKit\n"),
    "Foundation in a core": ("Sources/MatrixModel/A.swift", "import FoundationEssentials\n"),
    "NIO in a core": ("Sources/SubscriptionCore/A.swift", "@preconcurrency import NIOCore\n"),
    "a log in a core": ("Sources/RoomRules/A.swift", "package import struct Logging.Logger\n"),
    "a lock in a core": ("Sources/RoomRules/A.swift", "import Synchronization\n"),
    "the clock in a core": ("Sources/PresenceCore/A.swift", "func a(_ time: Time = .now) {}\n"),
    "the date in a core": ("Sources/PresenceCore/A.swift", "let a = Date()\n"),
    "randomness in a core": ("Sources/PresenceCore/A.swift", "let a = Int.random(in: 0...1)\n"),
    "concurrency in a core": ("Sources/PresenceCore/A.swift", "func a() async throws {}\n"),
    "the database in a service": ("Sources/HearthServices/A.swift", "import GRDB\n"),
    "the database's driver in a table": ("Sources/HearthStore/Tables/A.swift", "import GRDB\n"),
    "the driver's C library in a table": ("Sources/HearthStore/A.swift", "import GRDBSQLite\n"),
    "decoding in the server": ("Sources/HearthServices/A.swift", "import CGD\n"),
    "HTTP in a service": ("Sources/HearthServices/A.swift", "import Hummingbird\n"),
    "SQL in a service": ("Sources/HearthServices/A.swift", 'let a = "SELECT * FROM users"\n'),
    "SQL over two lines": ("Sources/hearth/A.swift", 'let a = """\n    DELETE\n    FROM users\n    """\n'),
    "a swallowed error": ("Sources/hearth/A.swift", "let a = try? b()\n"),
    "fatalError": ("Sources/hearth/A.swift", 'func a() { fatalError("b") }\n'),
    "unfinished work": ("Sources/hearth/A.swift", f"// {NOTE}: later\n"),
    "a machine's path in a document": ("docs/a.md", f"see {MACHINE}/y\n"),
    "an unknown target": ("Sources/Utils/A.swift", "\n"),
    "the store in a file that calls itself pure": ("Sources/HearthServices/A.swift", PURE + "import HearthStore\n"),
    "the network in a pure file": ("Sources/ClientAPI/A.swift", "import NIOCore\n/// Pure, and bounded.\nstruct A {}\n"),
    "a log in a pure file": ("Sources/HearthServices/A.swift", PURE + "import Logging\n"),
    "a lock in a pure file": ("Sources/HearthServices/A.swift", PURE + "import Synchronization\n"),
    "a clock in a pure file": ("Sources/HearthServices/A.swift", "/// No clock, no I/O.\nlet a: any ServerClock\n"),
    "a service in a pure file": ("Sources/HearthServices/A.swift", PURE + "let a: RoomWriter\n"),
    "waiting in a pure file": ("Sources/HearthServices/A.swift", "/// It is pure.\nfunc a() async {}\n"),
}

MANIFEST = """\
let package = Package(
    dependencies: [.package(url: "https://example.org/swift-log.git", from: "1.0.0"), .package(name: "hearth", path: "..")],
    targets: [
        .target(name: "A", dependencies: ["B", .product(name: "Logging", package: "swift-log", condition: .when(platforms: [.linux]))]),
        .target(name: "B", path: "Other/B"),  // .target(name: "Comment")
        .testTarget(name: "ATests", dependencies: [.target(name: "A"), .product(name: "Parts", package: "hearth")]),
    ],
    products: [.library(name: "Parts", targets: ["B", "C"])]
)
"""
DECLARED = {
    "Package.swift": MANIFEST,
    "Sources/A/A.swift": "import B\nimport Logging\nimport Foundation\n#if canImport(Glibc)\n    import Glibc\n#endif\n// import D\n",
    "Other/B/B.swift": "",
    "Tests/ATests/ATests.swift": "@testable import A\nimport C\nimport Testing\n",
}
# Of a tree that declares what it imports: one file instead of its own, and what is said of it.
MISDECLARED = {
    "an import that is not declared": (("Other/B/B.swift", "import Logging\n"), "B imports Logging, which Package.swift does not"),
    "an undeclared import in a test": (("Tests/ATests/More.swift", "import Logging\n"), "ATests imports Logging, which Package.swift"),
    "a target that is not imported": (("Sources/A/A.swift", "import Logging\n"), "A declares B and imports it nowhere"),
    "a product that is not imported": (("Sources/A/A.swift", "import B\n"), "A declares Logging and imports it nowhere"),
    "an import in a comment alone": (("Sources/A/A.swift", "import B\n/* import Logging */\n"), "A declares Logging and imports it"),
    "a library of which nothing is imported": (("Tests/ATests/ATests.swift", "import A\n"), "ATests declares Parts and imports it"),
    "a package that no target uses": (
        ("Package.swift", MANIFEST.replace("dependencies: [.pack", 'dependencies: [.package(url: "https://e.org/x", from: "1"), .pack', 1)),
        "no target uses the package x",
    ),
}

# Folder A of the target T uses folder B in all of these; what B holds besides shows whether that closes a cycle.
USES_B = "struct User { let thing: Thing }\n"
THING = "struct Thing { let name: String }\n"
CYCLES = {
    "a type each way": {"A/A.swift": USES_B, "B/B.swift": "struct Thing { let user: User? }\n"},
    "a member of an extension": {
        "A/A.swift": USES_B + "extension Thing { func seen(by user: String) {} }\n",
        "B/B.swift": "struct Thing { func a() { seen(by: name) } }\n",
    },
    "a member by a named receiver": {
        "A/A.swift": "extension Int { var isOdd: Bool { true } }\n" + USES_B,
        "B/B.swift": THING + "func f(_ count: Int) -> Bool { count.isOdd }\n",
    },
    "a member of a value of another folder's type": {
        "A/A.swift": "struct User { let thing: Thing\n let id: String }\n",
        "B/B.swift": THING + "func f() { h().user.id }\n",
        "C/C.swift": "struct Place { let user: User }\n",
    },
    "an initializer of an extension": {
        "A/A.swift": USES_B + "extension Int { init(odd thing: Thing) { self = 1 } }\n",
        "B/B.swift": "struct Thing { var number: Int { Int(odd: self) } }\n",
    },
    "a function": {"A/A.swift": USES_B + "func greet() {}\n", "B/B.swift": THING + "func f() { greet() }\n"},
    "a folder within a folder": {"A/Deep/A.swift": USES_B, "B/B.swift": "struct Thing { let user: User? }\n"},
    "three folders": {
        "A/A.swift": USES_B,
        "B/B.swift": "struct Thing { let place: Place }\n",
        "C/C.swift": "struct Place { let user: User }\n",
    },
}
ACYCLIC = {
    "one direction": {"A/A.swift": USES_B, "B/B.swift": THING},
    "a name in a comment": {"A/A.swift": USES_B, "B/B.swift": THING + "/// Unlike ``User``.\n/* User */\n"},
    "a name in a string": {"A/A.swift": USES_B, "B/B.swift": THING + 'let a = "User" + #"User"#\nlet b = """\n    User\n    """\n'},
    "a type that only its file sees": {
        "A/A.swift": USES_B + "struct Mark {}\n",
        "B/B.swift": THING + "private struct Mark {}\nlet a: Mark\n",
    },
    "a nested type of the same name": {"A/A.swift": USES_B, "B/B.swift": "struct Thing { struct User {}\n let user: User }\n"},
    "an argument's label": {"A/A.swift": USES_B + "extension Int { func odd() {} }\n", "B/B.swift": THING + "let a = f(odd: 1)\n"},
    "a value of the member's name": {
        "A/A.swift": USES_B + "extension Thing { func mark() -> Int { 1 } }\n",
        "B/B.swift": "struct Thing { func f() { if let mark = g() { h(mark) } } }\n",
    },
    "other labels": {
        "A/A.swift": USES_B + "extension Thing { func mark(in place: Int) {} }\n",
        "B/B.swift": "struct Thing { func mark(by name: Int) {}\n func f() { mark(by: 1) } }\n",
    },
    "a file that belongs to no folder": {
        "A/A.swift": USES_B,
        "B/B.swift": THING + "let face: Face\n",
        "Face.swift": "struct Face { let user: User }\n",
    },
    "folders of two targets": {"A/A.swift": USES_B, "B/B.swift": THING, "../U/B/B.swift": "struct Other { let user: User }\n"},
}
# A name that two folders give: it makes no arrow and is listed.
AMBIGUOUS = {
    "A/A.swift": USES_B + "extension Int { func mark() {} }\n",
    "C/C.swift": "extension String { func mark() {} }\n",
    "B/B.swift": THING + "func f() { g().mark() }\n",
}


class Findings:
    def __init__(self):
        self.problems = []


def in_tree(files, body):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return body(root)


def sources(files):
    """The files as those of a target T."""
    return {name.removeprefix("../") if name.startswith("../") else f"T/{name}": text for name, text in files.items()}


def read_tree(files):
    tree = {f"Sources/{name}": text for name, text in sources(files).items()}
    return in_tree(tree, lambda root: read_sources(root, [pathlib.Path(name) for name in tree]))


def cycles(files, known=None):
    findings = Findings()
    check_cycles(findings, read_tree(files), {"T": known or {}})
    return findings.problems


def run(check, *, limit, worth_a_look):
    """What was not noticed, and how many broken rules there were."""
    failures = []

    def findings(files):
        return in_tree(files, lambda root: check(root, {}))

    def expect(name, problems, *, count=1, word=""):
        if len(problems) != count or any(word not in problem for problem in problems):
            failures.append(f"{name}: expected {count} problem(s) with \"{word}\", found {problems}")

    broken = BROKEN | {"a long file": ("Tests/ATests/A.swift", "\n" * (limit + 1))}
    for name, (path, text) in broken.items():
        expect(name, findings({path: text}).problems)
    clean = [
        ("Sources/RoomRules/A.swift", CLEAN),
        ("Sources/HearthStore/SQLite/A.swift", 'import GRDB\nlet a = "SELECT * FROM users"\n'),
        ("Sources/ClientAPI/A.swift", "import Hummingbird\nimport HearthServices\n"),
        ("Sources/HearthServices/A.swift", PURE + "import MatrixModel\nimport DequeModule\nvar last: ContinuousClock.Instant?\n"),
        ("Sources/HearthServices/A.swift", "/// Input of the pure rules.\nimport HearthStore\nlet pure = true\n"),
        ("Sources/hearth/Generated/A.swift", "\n" * (limit + 1)),
        ("docs/a.md", "GET https://example.org/home/alice/x, ../work/y\n"),
    ]
    for path, text in clean:
        expect(f"{path}, clean", findings({path: text}).problems, count=0)
    if len(findings({"Sources/hearth/A.swift": "\n" * (worth_a_look + 1)}).warnings) != 1:
        failures.append("a file worth a look: expected one warning")

    def declared(files):
        return [problem for problem in findings(files).problems if "has no place in the import table" not in problem]

    expect("what is declared and imported", declared(DECLARED), count=0)
    for name, ((path, text), word) in MISDECLARED.items():
        expect(name, declared(DECLARED | {path: text}), word=word)
    targets = [(target.name, target.path) for target in Manifest(MANIFEST).targets]
    if targets != [("A", "Sources/A"), ("B", "Other/B"), ("ATests", "Tests/ATests")]:
        failures.append(f"the targets of a manifest: found {targets}")

    for name, files in CYCLES.items():
        expect(f"a cycle by {name}", cycles(files), word="T: a cycle of folders, A -> B ->")
    for name, files in ACYCLIC.items():
        expect(f"no cycle by {name}", cycles(files), count=0)
    pair = CYCLES["a type each way"]
    expect("a cycle that is to be cut", cycles(pair, {"B": {"A"}}), count=0)
    expect("an arrow to cut that is cut", cycles(ACYCLIC["one direction"], {"B": {"A"}}), word="nothing makes it any more")
    expect("an arrow to cut in no cycle", cycles(ACYCLIC["one direction"], {"A": {"B"}}), word="it closes no cycle any more")
    expect("both arrows of a pair to be cut", cycles(pair, {"A": {"B"}, "B": {"A"}}), count=2, word="it closes no cycle any more")
    another = {"C/C.swift": "let a: User\nstruct Place {}\n", "A/P.swift": "let p: Place\n"}
    expect("a new cycle beside one to be cut", cycles(pair | another, {"B": {"A"}}), word="A -> C -> A")
    listed = [str(reference.name) for reference, _ in find_arrows(read_tree(AMBIGUOUS))["T"].ambiguous]
    if listed != ["mark"]:
        failures.append(f"an ambiguous name: expected it to be listed once, found {listed}")
    return failures, len(broken) + len(MISDECLARED) + len(CYCLES) + 5
