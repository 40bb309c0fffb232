import ArgumentParser
import HearthClient
import Synchronization
import UnixSignals

/// Shows people live, until it is interrupted: on a terminal as a view that is drawn again, elsewhere as a line a change.
///
/// Watching says nothing about oneself: every sync has `set_presence=offline`. At the end the peeks are taken back and the terminal
/// is as it was.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Watch who is at home, live.",
        discussion: "Without names: everybody with whom you share a room. Does not make you look online yourself.")

    @Argument(help: "Users: @name:server, or the name alone for one of your own server.")
    var users: [String] = []

    @Flag(name: .long, help: "Print one JSON object a change.")
    var json = false

    /// How often the view is drawn without news: times in it grow old.
    private static let refreshInterval: Duration = .seconds(15)
    /// How long the end may take.
    private static let goodbye: Duration = .seconds(2)

    func run() async throws {
        let credentials = try await Session.open()
        let people = try await credentials.people(named: users)
        let watcher = Watcher(credentials: credentials, users: people, now: { SystemTime.now() })
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigwinch)
        let view: WatchView = json ? .json : Terminal.canDraw ? .screen(LiveScreen(), WatchView.Frame()) : .lines
        defer { view.close() }
        let last = LastRoster()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask {
                    try await watcher.run { event in
                        if case .people(let roster, _) = event { last.roster.withLock { $0 = roster } }
                        try view.show(event)
                    }
                }
                group.addTask {
                    for await signal in signals {
                        guard signal == .sigwinch else { return }
                        try view.refresh()
                    }
                }
                group.addTask {
                    while true {
                        try await Task.sleep(for: Self.refreshInterval)
                        try view.refresh()
                    }
                }
                try await group.next()
            }
        } catch is OutputClosed {
            // Whoever read has enough.
        }
        view.close()
        await end(watcher, last.roster.withLock { $0 })
    }

    /// Takes the peeks back; a server that does not answer lets them expire.
    private func end(_ watcher: Watcher, _ roster: Roster) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watcher.end(roster) }
            group.addTask {
                do { try await Task.sleep(for: Self.goodbye) } catch { return }
            }
            await group.next()
            group.cancelAll()
        }
    }
}

/// Whose peeks are to be taken back at the end; guarded by its lock.
private final class LastRoster: Sendable {
    let roster = Mutex(Roster())
}
