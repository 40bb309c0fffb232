"""Compares the imports of each target with what Package.swift declares for it, in both directions.

SwiftPM lets a target import whatever another one happens to have built, so an undeclared import works until the order of a build changes.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from . import swift

# Modules that come with the compiler and the platform.
SYSTEM = re.compile(r"Swift|Foundation\w*|Dispatch|Synchronization|Testing|XCTest|Glibc|Musl|Darwin|os|_\w+")
KINDS = ("target", "executableTarget", "testTarget", "systemLibrary", "macro", "plugin")
TARGET = re.compile(rf"\.({'|'.join(KINDS)})\s*\(")
PRODUCT = re.compile(r"\.product\s*\(\s*name:\s*\"([^\"]+)\"\s*,\s*package:\s*\"([^\"]+)\"(?:[^()]|\([^()]*\))*\)")
PACKAGE = re.compile(r"\.package\s*\(([^()]*)\)")


@dataclass
class Dependency:
    """One entry of a target's `dependencies`: a target of this package, or a product of another."""

    name: str
    package: str | None
    offset: int


@dataclass
class Target:
    name: str
    kind: str
    path: str
    offset: int
    dependencies: list = field(default_factory=list)


def closing(text, opening):
    """The place of the bracket that closes the one at `opening`; strings are skipped."""
    depth, index, in_string = 0, opening, False
    while index < len(text):
        character = text[index]
        if in_string:
            index += character == "\\"
            in_string = character != '"'
        elif character == '"':
            in_string = True
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return index
        index += 1
    raise ValueError("a bracket is not closed")


class Manifest:
    """What a Package.swift says, read as text: declarations are written plainly there."""

    def __init__(self, text):
        self.text = swift.masked(text, strings=False)
        self.targets, end = [], 0
        for match in TARGET.finditer(self.text):
            if match.start() >= end:  # else it stands among another target's dependencies
                self.targets.append(self.target(match))
                end = closing(self.text, match.end() - 1)
        self.libraries = {}
        for match in re.finditer(r"\.library\s*\(", self.text):
            body = self.text[match.end() : closing(self.text, match.end() - 1)]
            names = re.findall(r'"([^"]+)"', body.partition("targets:")[2])
            self.libraries[re.search(r'name:\s*"([^"]+)"', body)[1]] = names
        self.packages = {}
        for match in PACKAGE.finditer(self.text):
            named = re.search(r'name:\s*"([^"]+)"', match[1])
            located = re.search(r'(?:url|path):\s*"([^"]+)"', match[1])
            if located:
                self.packages[named[1] if named else located[1].rstrip("/").rpartition("/")[2].removesuffix(".git")] = match.start()

    def target(self, match):
        end = closing(self.text, match.end() - 1)
        body = self.text[match.end() : end]
        name = re.search(r'name:\s*"([^"]+)"', body)[1]
        path = re.search(r'\bpath:\s*"([^"]+)"', body)
        folder = "Tests" if match[1] == "testTarget" else "Sources"
        target = Target(name, match[1], path[1] if path else f"{folder}/{name}", match.start())
        declared = re.search(r"\bdependencies:\s*\[", body)
        if declared:
            first = match.end() + declared.end()
            entries = self.text[first : closing(self.text, first - 1)]
            for product in PRODUCT.finditer(entries):
                target.dependencies.append(Dependency(product[1], product[2], first + product.start()))
            rest = PRODUCT.sub(lambda product: " " * len(product[0]), entries)
            for plain in re.finditer(r'"([^"]+)"', rest):
                target.dependencies.append(Dependency(plain[1], None, first + plain.start()))
        return target


def modules(dependency, libraries):
    """What an entry lets a target import: products are named as their only module is, but for libraries of this project."""
    return set(libraries.get(dependency.name, [dependency.name])) if dependency.package else {dependency.name}


def check_manifest(findings, root, path, paths, libraries):
    """`path` is a Package.swift; `libraries` are the products of this project, with their modules."""
    text = (root / path).read_text(encoding="utf-8")
    manifest = Manifest(text)
    used_packages = set(re.findall(r'package:\s*"([^"]+)"', manifest.text))
    for package, offset in manifest.packages.items():
        if package not in used_packages:
            findings.add(path, text, offset, f"no target uses the package {package}: drop it")
    for target in manifest.targets:
        imports = defaultdict(list)
        folder = path.parent / target.path
        for source in paths:
            if source.suffix == ".swift" and source.is_relative_to(folder):
                content = (root / source).read_text(encoding="utf-8")
                for match in swift.IMPORT.finditer(swift.masked(content, strings=True)):
                    if not SYSTEM.fullmatch(match[1]):
                        imports[match[1]].append((source, content, match.start(1)))
        declared = set().union(*(modules(dependency, libraries) for dependency in target.dependencies))
        for module in sorted(imports.keys() - declared - {target.name}):
            source, content, offset = imports[module][0]
            findings.add(source, content, offset, f"{target.name} imports {module}, which {path} does not declare for it")
        for dependency in target.dependencies:
            if not modules(dependency, libraries) & imports.keys():
                findings.add(path, text, dependency.offset, f"{target.name} declares {dependency.name} and imports it nowhere: drop it")


def check_manifests(findings, root, paths):
    manifests = [path for path in paths if path.name == "Package.swift"]
    libraries = {}
    for path in manifests:
        libraries |= Manifest((root / path).read_text(encoding="utf-8")).libraries
    for path in manifests:
        check_manifest(findings, root, path, paths, libraries)
