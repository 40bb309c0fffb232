"""Reads Swift sources without a compiler: what is code, what a file declares, and which names it uses."""

import functools
import re
from dataclasses import dataclass, field

STRING_OR_COMMENT = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>(?P<hash>\#*)(?:\"\"\".*?\"\"\"|\"(?:\\.|[^\"\\\n])*\")(?P=hash))""", re.S
)
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|func|protocol|let|var|typealias)\s+)?(\w+)",
    re.M,
)
TOKEN = re.compile(r"`?([A-Za-z_]\w*)`?|->|[{}()\[\].,:=<>]")

TYPES = {"struct", "class", "enum", "actor", "protocol"}
VALUES = {"var", "let"}
# What no declaration and no use is named.
KEYWORDS = frozenset(
    "as async await borrowing break case catch consume consuming continue default defer do else extension fallthrough false "
    "fileprivate for func guard if import in infix inout internal is isolated lazy let mutating nil nonisolated nonmutating "
    "open operator override package postfix prefix private protocol public repeat required rethrows return self sending some "
    "static subscript super switch throw throws true try typealias unowned var weak where while any actor associatedtype "
    "class enum init struct".split()
)
# What another declaration, or a statement, begins with or ends in: modifiers before it are not this one's.
DECLARING = (TYPES - {"class"}) | VALUES | {"func", "case", "return", "self", "init", "typealias"}
# Stands for a written type that is no plain name: `[UserID]`, `() -> Void`.
OPAQUE = "?"
HIDDEN = {"private", "fileprivate"}


@functools.cache
def masked(text, *, strings):
    """The text with its comments blanked out, and its string literals too if asked. Lines keep their numbers."""

    def blank(match):
        if match["comment"] is None and not strings:
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return STRING_OR_COMMENT.sub(blank, text)


@dataclass(frozen=True)
class Declaration:
    """A type, a global function or value (`owner` is empty), or a member of `owner`."""

    name: str
    owner: str
    kind: str
    labels: tuple
    line: int
    in_extension: bool
    is_hidden: bool


@dataclass(frozen=True)
class Use:
    """A name as it is used: after `receiver.`, after something else and a dot (`receiver` is "?"), or bare (None), within `owner`."""

    name: str
    receiver: str | None
    owner: str
    labels: tuple | None
    line: int


@dataclass
class SwiftFile:
    declarations: list = field(default_factory=list)
    uses: list = field(default_factory=list)
    # Names of parameters and values, and the types that are written behind them.
    annotations: dict = field(default_factory=dict)
    # Names that functions bind: a bare use of one is no member.
    locals: set = field(default_factory=set)


@dataclass
class Scope:
    kind: str
    owner: str
    is_hidden: bool = False


class Reader:
    """One pass over the tokens of a file, with the stack of the braces that are open."""

    def __init__(self, text):
        code = masked(text, strings=True)
        self.tokens = []
        line, last = 1, 0
        for match in TOKEN.finditer(code):
            line += code.count("\n", last, match.start())
            last = match.start()
            self.tokens.append((match[1] or match[0], match[1] is not None, line))
        self.file = SwiftFile()

    def word(self, index):
        """The name at this place, or None."""
        if 0 <= index < len(self.tokens) and self.tokens[index][1]:
            return self.tokens[index][0]
        return None

    def sign(self, index):
        if 0 <= index < len(self.tokens) and not self.tokens[index][1]:
            return self.tokens[index][0]
        return None

    def skip_generics(self, index):
        """Behind `<…>`, if that begins here."""
        if self.sign(index) != "<":
            return index
        depth = 0
        while index < len(self.tokens):
            depth += {"<": 1, ">": -1}.get(self.sign(index), 0)
            index += 1
            if depth == 0:
                break
        return index

    def labels(self, index, *, declared):
        """The argument labels of the parentheses that open here: of a declaration, or of a call (None if it is no call)."""
        if self.sign(index) != "(":
            return None
        labels, depth, index, fresh = [], 1, index + 1, True
        while index < len(self.tokens) and depth:
            sign = self.sign(index)
            if depth == 1 and fresh and sign != ")":
                name = self.word(index)
                labelled = name is not None and (self.sign(index + 1) == ":" or (declared and self.word(index + 1) is not None))
                if declared and labelled:
                    self.parameter(index if self.sign(index + 1) == ":" else index + 1)
                labels.append(name if labelled else "_")
                fresh = False
            if sign in ("(", "[", "{"):
                depth += 1
            elif sign in (")", "]", "}"):
                depth -= 1
            elif sign == "," and depth == 1:
                fresh = True
            index += 1
        return tuple(labels)

    def parameter(self, index):
        self.file.locals.add(self.word(index))
        if not self.annotated_type(index + 2):
            self.file.annotations.setdefault(self.word(index), set()).add(OPAQUE)

    def type_path(self, index):
        """The last name of `A.B.C` (what an extension extends), and the place behind it."""
        name = self.word(index)
        while self.sign(index + 1) == "." and self.word(index + 2):
            index += 2
            name = self.word(index)
        return name, index + 1

    def annotated_type(self, index):
        """The type behind `name:`, if it is a plain one, maybe an optional or one among modifiers."""
        while self.word(index) in ("inout", "borrowing", "consuming", "sending", "isolated", "any", "some"):
            index += 1
        name = self.word(index)
        if name is None or name in KEYWORDS:
            return None
        name, index = self.type_path(index)
        return name if name[:1].isupper() else None

    def read(self):
        stack = [Scope("file", "")]
        pending, pending_depth, depth = None, 0, 0  # the scope that the next brace at this depth of parentheses opens
        declared = set()  # places whose name is a declaration's
        tokens = self.tokens
        for index, (token, is_word, line) in enumerate(tokens):
            if not is_word:
                if token == "{":
                    stack.append(pending if pending and depth == pending_depth else Scope("body", stack[-1].owner))
                    if pending and depth == pending_depth:
                        pending = None
                elif token == "}":
                    if len(stack) > 1:
                        stack.pop()
                elif token == "(":
                    depth += 1
                elif token == ")":
                    depth -= 1
                continue
            scope = stack[-1]
            after_dot = self.sign(index - 1) == "."
            if token in KEYWORDS and not after_dot:
                following = self.word(index + 1)
                if token == "extension" and following:
                    name, _ = self.type_path(index + 1)
                    pending, pending_depth = Scope("extension", name, self.word(index - 1) in HIDDEN), depth
                elif token in TYPES and following and following not in KEYWORDS:
                    self.declare(index, index + 1, token, scope, ())
                    declared.add(index + 1)
                    pending, pending_depth = Scope("type", following), depth
                elif token == "typealias" and following:
                    self.declare(index, index + 1, token, scope, ())
                    declared.add(index + 1)
                elif token == "associatedtype" and following:
                    declared.add(index + 1)
                elif token == "func" and following:
                    opening = self.skip_generics(index + 2)
                    self.declare(index, index + 1, token, scope, self.labels(opening, declared=True) or ())
                    declared.add(index + 1)
                    pending, pending_depth = Scope("body", scope.owner), depth
                elif token == "init" and scope.kind in ("type", "extension"):
                    opening = self.skip_generics(index + 1)
                    if self.sign(opening) == "(":
                        self.declare(index, index, token, scope, self.labels(opening, declared=True) or ())
                        pending, pending_depth = Scope("body", scope.owner), depth
                elif token in VALUES and following and following not in KEYWORDS:
                    if scope.kind == "body":
                        self.file.locals.add(following)
                    else:
                        self.declare(index, index + 1, token, scope, ())
                    declared.add(index + 1)
                elif token == "case" and scope.kind == "type" and following:
                    self.declare(index, index + 1, token, scope, self.labels(index + 2, declared=False) or ())
                    declared.add(index + 1)
                elif token in ("let", "for") and following:
                    self.file.locals.add(following)
                if token != "init" or not after_dot:
                    continue
            if index in declared or (token in KEYWORDS and token != "init"):
                if self.sign(index + 1) == ":" and not self.annotate(token, index + 2):
                    self.file.annotations.setdefault(token, set()).add(OPAQUE)
                continue
            if self.sign(index + 1) == ":":
                self.annotate(token, index + 2)
                if self.sign(index - 1) in ("(", ","):
                    continue  # the label of an argument or a parameter
            self.use(index, token, line, scope, after_dot)
        return self.file

    def annotate(self, name, index):
        kind = self.annotated_type(index)
        if kind:
            self.file.annotations.setdefault(name, set()).add(kind)
        return kind

    def declare(self, keyword, index, kind, scope, labels):
        if scope.kind == "body" and scope.owner:
            if kind in TYPES or kind in ("func", "typealias"):
                self.file.locals.add(self.word(index))
            return
        if scope.kind == "body":
            return
        before, is_hidden = keyword - 1, scope.is_hidden
        while before >= 0 and (self.word(before) in KEYWORDS or self.sign(before) in ("(", ")")):
            if self.word(before) in HIDDEN and self.sign(before + 1) != "(":
                is_hidden = True
            if self.word(before) in DECLARING:
                break
            if self.sign(before) == ")" and self.word(before - 1) != "set":
                break
            before -= 1
        self.file.declarations.append(
            Declaration(
                name=self.word(index), owner=scope.owner, kind=kind, labels=labels, line=self.tokens[index][2],
                in_extension=scope.kind == "extension", is_hidden=is_hidden,
            )
        )

    def use(self, index, name, line, scope, after_dot):
        receiver = None
        if after_dot:
            receiver = self.word(index - 2) or ("?" if self.sign(index - 2) in (")", "]", "}", ">") else "")
        opening = self.skip_generics(index + 1) if name[:1].isupper() else index + 1
        labels = self.labels(opening if self.sign(opening) == "(" else index + 1, declared=False)
        if labels is None and self.sign(index + 1) == "{":
            labels = ()
        self.file.uses.append(Use(name=name, receiver=receiver, owner=scope.owner, labels=labels, line=line))


def read(text):
    return Reader(text).read()
