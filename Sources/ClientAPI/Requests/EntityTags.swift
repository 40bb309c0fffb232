/// The entity tags that a request names in `If-None-Match`.
///
/// [RFC 9110, 13.1.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2): a list, or `*` for whatever there is; tags are compared weakly,
/// that is without regard to their `W/`. What is no tag is skipped.
struct EntityTags {
    private let isAny: Bool
    private let tags: Set<Substring>

    /// - Parameter field: the value of the field; of one that comes several times, all values behind each other with commas.
    init(_ field: String) {
        var tags: Set<Substring> = []
        var rest = field.utf8[...]
        // A tag has no quotation mark inside, and may have commas.
        while let opening = rest.firstIndex(of: UInt8(ascii: "\"")) {
            let inner = rest[rest.index(after: opening)...]
            guard let closing = inner.firstIndex(of: UInt8(ascii: "\"")) else { break }
            tags.insert(field[opening...closing])
            rest = inner[inner.index(after: closing)...]
        }
        self.tags = tags
        isAny = tags.isEmpty && field.contains("*")
    }

    /// Whether the tag, in its quotation marks, is named.
    func contain(_ tag: String) -> Bool { isAny || tags.contains(tag[...]) }
}
