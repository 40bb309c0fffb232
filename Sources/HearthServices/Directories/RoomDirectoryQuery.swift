public import HearthStore
import MatrixModel

/// What a client wants of the published rooms.
public struct RoomDirectoryQuery: Sendable {
    /// The most rooms of one page.
    public static let highestLimit = 100

    /// Nil leaves it to the server.
    public var limit: Int?
    /// How many rooms come before the page.
    public var offset = 0
    /// The most types that may be asked for.
    public static let mostTypes = 100

    /// Looked for in the beginnings of name, topic and canonical alias, in any case.
    public var term: String?
    /// Nil takes rooms of every type; a nil in it those without a type.
    public var types: [String?]?

    public init() {}

    /// Whether rooms of a type are asked for.
    func includes(_ roomType: String?) -> Bool {
        guard let types else { return true }
        return types.contains { type in
            guard let type, let roomType else { return type == nil && roomType == nil }
            return type.hasSameBytes(as: roomType)
        }
    }
}

/// A published room with the number of its members.
public struct ListedRoom: Sendable {
    public let entry: RoomDirectoryEntry
    public let joinedCount: Int
}

/// A page of the published rooms.
public struct RoomDirectoryPage: Sendable {
    public let rooms: [ListedRoom]
    /// The offsets of the pages beside this one; nil where there is none.
    public let next: Int?
    public let previous: Int?
    /// How many rooms there are on all pages.
    public let total: Int
}

extension RoomDirectoryPage {
    public static let empty = RoomDirectoryPage(rooms: [], next: nil, previous: nil, total: 0)
}
