/// A JSON object: members with unique keys, always in the order of their keys' UTF-8 bytes.
public struct JSONObject: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public let key: String
        public var value: JSON

        public init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }

        public static func == (lhs: Self, rhs: Self) -> Bool {
            lhs.key.hasSameBytes(as: rhs.key) && lhs.value == rhs.value
        }
    }

    /// Sorted by key, no key twice.
    public private(set) var members: [Member]

    public init() { members = [] }

    /// An object of these pairs; where a key comes twice, the last value stays.
    public init(_ pairs: some Sequence<(String, JSON)>) {
        self.init()
        for (key, value) in pairs { self[key] = value }
    }

    /// An object of members in any order, or nil when a key comes twice.
    init?(unsorted: [Member]) {
        members = unsorted
        let isSorted = zip(unsorted, unsorted.dropFirst()).allSatisfy { $0.key.precedesInBytes($1.key) }
        if isSorted { return }
        members.sort { $0.key.precedesInBytes($1.key) }
        for (member, next) in zip(members, members.dropFirst()) where member.key.hasSameBytes(as: next.key) { return nil }
    }

    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }
    public var keys: some Sequence<String> { members.lazy.map(\.key) }

    /// The value of a key; setting nil removes the member.
    public subscript(key: String) -> JSON? {
        get {
            let index = lowerBound(of: key)
            return isKey(key, at: index) ? members[index].value : nil
        }
        set {
            let index = lowerBound(of: key)
            switch (isKey(key, at: index), newValue) {
            case (true, let value?): members[index].value = value
            case (true, nil): members.remove(at: index)
            case (false, let value?): members.insert(Member(key: key, value: value), at: index)
            case (false, nil): break
            }
        }
    }

    /// This object with nothing but the given keys.
    public func keeping(_ keys: some Sequence<String>) -> JSONObject {
        var kept = JSONObject()
        for key in keys { kept[key] = self[key] }
        return kept
    }

    /// This object with the other's members written over it.
    public func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for member in other.members { merged[member.key] = member.value }
        return merged
    }

    private func isKey(_ key: String, at index: Int) -> Bool {
        index < members.count && members[index].key.hasSameBytes(as: key)
    }

    private func lowerBound(of key: String) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].key.precedesInBytes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
