/// Users made for a case.
@BenchActor
enum Crowd {
    private static var made = 0

    /// Registers users, a few at a time. Names are new in each run of the generator.
    static func make(_ count: Int, named name: String, on server: Homeserver) async throws -> [BenchUser] {
        var users: [BenchUser?] = Array(repeating: nil, count: count)
        let first = made
        made += count
        try await each(Array(0..<count), atOnce: 16) { index in
            users[index] = try await BenchUser.register(
                "\(name)\(first + index)_\(runID)", on: server, connection: first + index)
        }
        return users.compactMap { $0 }
    }

    /// Runs a body for each element, so many at once.
    static func each<Element: Sendable>(
        _ elements: [Element], atOnce: Int, _ body: @escaping @BenchActor (Element) async throws -> Void
    ) async throws {
        var next = 0
        try await concurrently(Array(0..<min(atOnce, elements.count))) { _ in
            while next < elements.count {
                let element = elements[next]
                next += 1
                try await body(element)
            }
        }
    }

    /// The localpart that ``make(_:named:on:)`` gave a user.
    static func localpart(of user: BenchUser) -> String {
        String(user.userID.dropFirst().prefix { $0 != ":" })
    }

    private static let runID = String(UInt32.random(in: 0 ... .max), radix: 36)
}

/// Runs a body for each element at once, on the one thread, and waits for all; the first error is thrown.
@BenchActor
func concurrently<Element: Sendable>(
    _ elements: [Element], _ body: @escaping @BenchActor (Element) async throws -> Void
) async throws {
    let tasks = elements.map { element in Task { @BenchActor in try await body(element) } }
    var failure: (any Error)?
    for task in tasks {
        do { try await task.value } catch  where failure == nil {
            failure = error
            for task in tasks { task.cancel() }
        } catch {}
    }
    if let failure { throw failure }
}
