import HearthTestKit
import Synchronization

/// What clients asked for and what they were told, by any number of writers at once.
final class DurabilityLedger: Sendable {
    /// A message that the server answered with an event id.
    struct Message: Sendable {
        let room: String
        let writer: Int
        let transactionID: String
        let eventID: String
        /// When its request began, on the ledger's own count: what was seen before that cannot hold it.
        let begun: Int
    }

    /// A token of /sync and when its answer had come.
    struct Token: Sendable {
        let text: String
        let received: Int
    }

    /// How far a writer of numbered values came: `acknowledged` stands for certain, and each later one up to `attempted` may.
    struct Progress: Sendable {
        var attempted = 0
        var acknowledged = 0

        var possible: ClosedRange<Int> { acknowledged...attempted }
    }

    private struct Contents {
        var count = 0
        var messages: [Message] = []
        var progress: [String: Progress] = [:]
        var rooms: [String: String] = [:]
        var tokens: [Token] = []
        var acknowledged = 0
        var refusals: [String] = []
    }

    private let contents = Mutex(Contents())

    /// Every acknowledged write so far.
    var acknowledged: Int { contents.withLock { $0.acknowledged } }
    var messages: [Message] { contents.withLock { $0.messages } }
    /// Names of rooms by their ids.
    var rooms: [String: String] { contents.withLock { $0.rooms } }
    var tokens: [Token] { contents.withLock { $0.tokens } }
    /// Answers that no request of the load should have got.
    var refusals: [String] { contents.withLock { $0.refusals } }

    /// The next number of the count that orders beginnings and receipts.
    func tick() -> Int {
        contents.withLock { contents in
            contents.count += 1
            return contents.count
        }
    }

    func progress(of name: String) -> Progress { contents.withLock { $0.progress[name] ?? Progress() } }

    /// Notes the next attempt of a writer and returns its number, from 1.
    func attempt(_ name: String) -> Int {
        contents.withLock { contents in
            contents.progress[name, default: Progress()].attempted += 1
            return contents.progress[name, default: Progress()].attempted
        }
    }

    func acknowledge(_ name: String, _ number: Int) {
        contents.withLock { contents in
            contents.progress[name, default: Progress()].acknowledged = number
            contents.acknowledged += 1
        }
    }

    func note(_ message: Message) { contents.withLock { $0.messages.append(message) } }
    func noteRoom(_ roomID: String, name: String) { contents.withLock { $0.rooms[roomID] = name } }
    func note(_ token: Token) { contents.withLock { $0.tokens.append(token) } }
    func noteRefusal(_ what: String) { contents.withLock { $0.refusals.append(what) } }
}
