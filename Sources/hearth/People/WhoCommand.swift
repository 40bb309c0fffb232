import ArgumentParser
import Foundation
import HearthClient
import MatrixModel

/// One look at people: peeks into their profile rooms, and one `/sync` that says nothing about oneself.
///
/// The peeks are left to expire: ending them would end those of a `hearth watch` on the same login.
struct WhoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "who", abstract: "Show who is at home.",
        discussion: "Without names: everybody with whom you share a room. Who does not share presence with you is unknown.")

    @Argument(help: "Users: @name:server, or the name alone for one of your own server.")
    var users: [String] = []

    @Flag(name: .long, help: "Print one JSON object a person.")
    var json = false

    func run() async throws {
        let credentials = try await Session.open()
        let connection = credentials.connection
        let peeks = try await connection.peekProfiles(try await credentials.people(named: users))
        var roster = Roster()
        for (user, room) in peeks.rooms { roster.watch(user, in: room) }
        if !peeks.rooms.isEmpty {
            let filter = try await connection.storeFilter(for: roster.watchedRooms, of: credentials.user)
            _ = roster.apply(try await connection.sync(since: nil, timeout: .zero, filter: filter).json)
        }
        let people = roster.sorted
        if json {
            for person in people { StandardStreams.print(person.json.bytes) }
        } else {
            let line = PersonLine(
                style: Terminal.style, now: SystemTime.now(), clock: SystemTime.clock,
                nameWidth: PersonLine.nameWidth(of: people), width: Terminal.outputIsTerminal ? Terminal.size().columns : nil)
            for person in people { StandardStreams.print(line.text(of: person)) }
        }
        for (id, sentence) in peeks.refusals.sorted(by: { $0.key < $1.key }) {
            StandardStreams.printError("hearth: \(SafeText.neutralised(id)): \(sentence)")
        }
        if !peeks.refusals.isEmpty { throw ExitCode.failure }
    }
}
