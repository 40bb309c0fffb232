import MatrixModel

/// Every user that the engine has heard of, numbered densely from 0, with the little that is known of those who are at rest.
///
/// Made so that tens of millions of users fit into one process: 16 bytes a record, the localpart's bytes and two more, and 4 bytes in
/// a table of at least a quarter of free places. Nothing of it is freed: users are never forgotten.
struct UserRecords: Sendable {
    /// What is kept of a user of whom only the past is known: no device that could count, no choice, nothing due.
    struct Rest: Sendable, Equatable {
        /// `offline`, or nil for a user who was never published.
        var published: Presence?
        var lastOnline: MatrixTimestamp?
        var isDeactivated = false
    }

    private struct Record: Sendable {
        /// A ``Rest``: the time of the last online above four bits of the rest.
        var rest: Int64
        /// Where the id's bytes begin.
        var text: UInt32
        /// The user's slot among those who are awake; -1 for a user at rest.
        var slot: Int32
    }

    private var records: [Record] = []
    /// The ids: length of the localpart, number of the server in groups of seven bits, localpart.
    private var texts: [UInt8] = []
    private var servers: [ServerName] = []
    private var serverNumbers: [ServerName: Int] = [:]
    /// Open addressing: in the low bits a user's number and one, 0 for none; above them bits of the hash, so that few ids are compared in vain.
    private var table: [UInt32] = Array(repeating: 0, count: 16)

    var count: Int { records.count }
}

// MARK: - Numbers

extension UserRecords {
    func number(of user: UserID) -> Int? {
        guard let server = number(of: user.server) else { return nil }
        return place(of: user, on: server).number
    }

    /// The user's number; a new one for a user who was never heard of.
    mutating func makeNumber(of user: UserID) -> Int {
        let server = makeNumber(of: user.server)
        var place = place(of: user, on: server)
        if let number = place.number { return number }
        if (records.count + 1) * 4 > table.count * 3 {
            grow()
            place = self.place(of: user, on: server)
        }
        precondition(texts.count <= Int(UInt32.max) - 300, "the ids of all users must fit into 4 GiB")
        records.append(Record(rest: Self.packed(Rest()) ?? 0, text: UInt32(texts.count), slot: -1))
        append(user.localpart, on: server)
        table[place.index] = UInt32(records.count) | place.mark
        return records.count - 1
    }

    private mutating func append(_ localpart: Substring, on server: Int) {
        texts.append(UInt8(localpart.utf8.count))
        var number = server
        while number > 127 {
            texts.append(UInt8(number & 127) | 128)
            number >>= 7
        }
        texts.append(UInt8(number))
        texts.append(contentsOf: localpart.utf8)
    }

    func id(of number: Int) -> UserID {
        let (server, localpart) = text(of: number)
        guard let id = UserID(localpart: String(decoding: texts[localpart], as: UTF8.self), server: servers[server]) else {
            preconditionFailure("what came from an id must make an id")
        }
        return id
    }

    private func number(of server: ServerName) -> Int? {
        // Nearly all users are of one server.
        if let first = servers.first, first == server { return 0 }
        return serverNumbers[server]
    }

    private mutating func makeNumber(of server: ServerName) -> Int {
        if let number = number(of: server) { return number }
        servers.append(server)
        serverNumbers[server] = servers.count - 1
        return servers.count - 1
    }

    /// The bytes between the sigil and the colon. The body has no business with the records: what it held of them would be copied.
    private static func withLocalpart<Result>(of user: UserID, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let end = user.rawValue.utf8.count - user.server.rawValue.utf8.count - 1
        func localpart(of text: UnsafeBufferPointer<UInt8>) -> Result {
            body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[1..<end]))
        }
        return user.rawValue.utf8.withContiguousStorageIfAvailable(localpart)
            ?? Array(user.rawValue.utf8).withUnsafeBufferPointer(localpart)
    }

    /// The server's number and the localpart's place in the text.
    private func text(of number: Int) -> (server: Int, localpart: Range<Int>) {
        var at = Int(records[number].text)
        let length = Int(texts[at])
        var (server, shift) = (0, 0)
        repeat {
            at += 1
            server |= Int(texts[at] & 127) << shift
            shift += 7
        } while texts[at] > 127
        return (server, at + 1..<at + 1 + length)
    }
}

// MARK: - The table

extension UserRecords {
    private struct Place {
        var index: Int
        /// The hash's bits that are kept beside a number.
        var mark: UInt32
        /// Who stands there.
        var number: Int?
    }

    /// Where the user stands, or would.
    private func place(of user: UserID, on server: Int) -> Place {
        let hash = Self.withLocalpart(of: user) { Self.hash(of: $0, on: server) }
        let mask = table.count - 1
        let low = UInt32(truncatingIfNeeded: mask)
        var place = Place(
            index: Int(truncatingIfNeeded: hash) & mask, mark: UInt32(truncatingIfNeeded: hash >> 32) & ~low, number: nil)
        while table[place.index] != 0 {
            let entry = table[place.index]
            if entry & ~low == place.mark, isUser(Int(entry & low) - 1, user, on: server) {
                place.number = Int(entry & low) - 1
                return place
            }
            place.index = (place.index + 1) & mask
        }
        return place
    }

    private func isUser(_ number: Int, _ user: UserID, on server: Int) -> Bool {
        let (theirServer, range) = text(of: number)
        if server != theirServer { return false }
        return texts.withUnsafeBytes { texts in
            let theirs = UnsafeRawBufferPointer(rebasing: texts[range])
            return Self.withLocalpart(of: user) { $0.count == theirs.count && $0.elementsEqual(theirs) }
        }
    }

    /// Keyed anew in each process: names that fall onto each other cannot be made up.
    private static func hash(of localpart: UnsafeRawBufferPointer, on server: Int) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: localpart)
        hasher.combine(server)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    private mutating func grow() {
        let mask = table.count * 2 - 1
        let low = UInt32(truncatingIfNeeded: mask)
        table = []
        table = Array(repeating: 0, count: mask + 1)
        for number in records.indices {
            let (server, range) = text(of: number)
            let hash = texts.withUnsafeBytes { Self.hash(of: UnsafeRawBufferPointer(rebasing: $0[range]), on: server) }
            var index = Int(truncatingIfNeeded: hash) & mask
            while table[index] != 0 { index = (index + 1) & mask }
            table[index] = UInt32(number + 1) | (UInt32(truncatingIfNeeded: hash >> 32) & ~low)
        }
    }
}

// MARK: - What is kept

extension UserRecords {
    /// The user's slot among those who are awake.
    func slot(of number: Int) -> Int? {
        let slot = records[number].slot
        return slot < 0 ? nil : Int(slot)
    }

    /// What a user at rest has; for one who is awake, what was kept before.
    func rest(of number: Int) -> Rest {
        let word = records[number].rest
        let lastOnline = word >> 4
        return Rest(
            published: word & 7 == 0 ? nil : Presence.allCases[Int(word & 7) - 1],
            lastOnline: lastOnline == Self.never ? nil : MatrixTimestamp(milliseconds: lastOnline), isDeactivated: word & 8 != 0)
    }

    mutating func wake(_ number: Int, in slot: Int) { records[number].slot = Int32(slot) }

    /// Notes what is kept of a user who is put to rest.
    ///
    /// - Returns: false, with nothing changed, for what cannot be kept: a time some hundred million years away.
    mutating func putToRest(_ number: Int, with rest: Rest) -> Bool {
        guard let word = Self.packed(rest) else { return false }
        records[number].rest = word
        records[number].slot = -1
        return true
    }

    private static let never = Int64.min >> 4

    private static func packed(_ rest: Rest) -> Int64? {
        let time = rest.lastOnline?.milliseconds ?? never
        guard (time << 4) >> 4 == time, rest.lastOnline == nil || time != never else { return nil }
        let published = rest.published.flatMap { Presence.allCases.firstIndex(of: $0) }.map { Int64($0 + 1) } ?? 0
        return (time << 4) | published | (rest.isDeactivated ? 8 : 0)
    }

    /// Checks what must hold between any two calls; for tests.
    func checkInvariants() {
        for number in records.indices {
            precondition(self.number(of: id(of: number)) == number, "each user must be found under the number that the id has")
        }
        precondition(table.count { $0 != 0 } == records.count, "each user must stand in the table once")
    }
}
