"""Holds a file to what it says of itself: one that calls itself pure imports no I/O, clock, log or concurrency, and names none of it.

The pure targets are held to the same by check-structure, whatever their files say.
"""

import re

from . import swift

CLAIM = re.compile(r"///.*(?:\bPure\b(?=[.:,;]|$)|\b[Ii]s pure\b|\b[Nn]o clock, no I/O\b)")
IMPURE_MODULE = re.compile(
    r"Foundation\w*|_?NIO\w*|Hummingbird\w*|GRDB\w*|Logging|\w*Metrics|Dispatch|AsyncHTTPClient|ServiceLifecycle|UnixSignals"
    r"|Synchronization|Glibc|Musl|Darwin|HearthStore|CGD|CConfinement"
)
IMPURE_CODE = {
    "a clock": re.compile(r"\.now\b|\bDate\(\)|\.sleep\(|\b(?:Continuous|Suspending|UTC|Server|Wall)Clock\b(?!\.Instant)"),
    "randomness": re.compile(r"\.random\(|\.randomElement\(|\.shuffled?\(|\b(?:SystemRandomNumberGenerator|SecureRandom)\b"),
    "concurrency": re.compile(r"\basync\b|\bawait\b|\bTask\b|\bactor\b|\bMutex\b|\bAtomic\b|\bAsync\w*|@\w*Actor\b"),
    "a log": re.compile(r"(?<!\.)\bLogger\b|\bprint\("),
    "I/O": re.compile(
        r"\b(?:Store|StoreTransaction|StoreReader|RoomWriter|WriteContext|FileHandle|FileManager|URLSession|ProcessInfo|CommandLine)\b"
    ),
}


def claim(text):
    """Where the file calls itself pure, or None."""
    return CLAIM.search(text)


def check_purity(findings, path, text, code):
    if claim(text) is None:
        return
    for imported in swift.IMPORT.finditer(code):
        if IMPURE_MODULE.fullmatch(imported[1]):
            findings.add(path, text, imported.start(1), f"the file calls itself pure and must not import {imported[1]}")
    for what, pattern in IMPURE_CODE.items():
        for found in pattern.finditer(code):
            findings.add(path, text, found.start(), f"the file calls itself pure and must not know {what}: {found[0].strip()}")
