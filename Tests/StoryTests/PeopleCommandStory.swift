import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// The commands for people, against a real server.
@Suite("who, watch, set and login")
struct PeopleCommandStory {
    private func pair(_ hearth: HearthProcess) async throws -> (alice: MatrixClient, bob: MatrixClient) {
        let alice = try await hearth.client.register("alice")
        let bob = try await hearth.client.register("bob")
        let room = try await alice.createRoom(["preset": "private_chat", "invite": [.string(bob.userID)]])
        try await bob.join(room)
        return (alice, bob)
    }

    @Test("set changes presence and status of oneself, and who shows them to a friend")
    func setAndWho() async throws {
        try await withHearth { hearth in
            let (alice, bob) = try await pair(hearth)
            let asAlice = try hearth.environment(of: alice)
            let asBob = try hearth.environment(of: bob)

            let set = try await hearth.run(["set", "busy", "--until", "2h", "--status", "🏃 lunch"], environment: asAlice)
            #expect(set.status == 0 && set.output.hasPrefix("busy until "), "\(set)")
            let seen = try await hearth.run(["who", "alice", "--json"], environment: asBob)
            let person = try JSON(parsing: Array(seen.output.utf8.dropLast()))
            #expect(person["presence"] == "busy")
            #expect(person["status", "emoji"] == "🏃" && person["status", "text"] == "lunch")
            let until = try #require(person["status", "expires_ts"]?.integerValue)
            let own = try await alice.ownPresence()
            #expect(own["io.hearth.manual", "expires_ts"]?.integerValue == until)

            let line = try await hearth.run(["who", "@alice:localhost"], environment: asBob)
            #expect(line.output.contains("busy      🏃 lunch  (until "))
            #expect(!line.output.contains("\u{1B}"))

            let cleared = try await hearth.run(["set", "automatic", "--status", ""], environment: asAlice)
            #expect(cleared.output.contains(", automatic"), "\(cleared)")
            let after = try await hearth.run(["who", "alice", "--json"], environment: asBob)
            let afterwards = try JSON(parsing: Array(after.output.utf8.dropLast()))
            #expect(afterwards["status"] == nil)
            #expect(afterwards["presence"] != "busy")

            let invisible = try await hearth.run(["set", "invisible"], environment: asAlice)
            #expect(invisible.output == "invisible\n")
            #expect(try await hearth.run(["who", "alice"], environment: asBob).output.contains("offline"))
        }
    }

    @Test("who names those it cannot show, and without names it shows everybody one shares a room with")
    func whoEverybody() async throws {
        try await withHearth { hearth in
            let (_, bob) = try await pair(hearth)
            _ = try await hearth.client.register("stranger")
            let asBob = try hearth.environment(of: bob)
            let everybody = try await hearth.run(["who"], environment: asBob)
            #expect(everybody.lines.count == 2 && everybody.output.contains("@alice:localhost"))
            let some = try await hearth.run(["who", "stranger", "nobody"], environment: asBob)
            #expect(some.status == 1)
            #expect(some.lines.count == 1 && some.output.contains("unknown"))
            #expect(some.errors.contains("@nobody:localhost"))
        }
    }

    @Test("watch prints a line a change where there is no terminal, does not make one look online, and takes its peeks back")
    func watchLines() async throws {
        try await withHearth { hearth in
            let (alice, bob) = try await pair(hearth)
            try await bob.putPresence("offline")
            let bobAgain = try await hearth.client.login("bob", deviceID: "WATCH")
            let watch = try hearth.startCommand(["watch", "alice", "bob"], environment: try hearth.environment(of: bobAgain))
            try await watch.waitForOutput { $0.contains("@alice:localhost") && $0.contains("@bob:localhost") }
            try await alice.putPresence("busy", statusMessage: "in a\u{9B}2J meeting")
            try await watch.waitForOutput { $0.contains("busy      in a\u{FFFD}2J meeting") }
            #expect(!watch.output.contains("\u{1B}"))
            let sources = try await bob.ownPresence()["io.hearth.sources"]?.arrayValue ?? []
            #expect(sources.filter { $0["device_id"] == "WATCH" }.allSatisfy { $0["live"] == false })

            watch.interrupt()
            #expect(try await watch.end() == 0)
            #expect(try await bobAgain.sync(setPresence: "offline")["rooms", "peek"]?.objectValue?.isEmpty ?? true)
        }
    }

    @Test("watch --json prints one object a change, and heals when the server comes back")
    func watchHeals() async throws {
        try await withHearth { hearth in
            let (alice, bob) = try await pair(hearth)
            let watch = try hearth.startCommand(["watch", "alice", "--json"], environment: try hearth.environment(of: bob))
            try await watch.waitForOutput { $0.contains("@alice:localhost") }
            hearth.kill()
            try await watch.waitForErrors { $0.contains("connection lost") }
            // The same data, at the address that the system chose for the first start.
            let address = try hearth.baseURL.dropFirst("http://".count)
            let again = try HearthProcess(
                arguments: ["--set", "data.directory=\(hearth.dataDirectory.path)", "--set", "listen.address=\(address)"])
            defer { again.discard() }
            try await again.start()
            try await watch.waitForErrors { $0.contains("connected again") }
            try await alice.putPresence("busy")
            try await watch.waitForOutput { $0.contains(#""presence":"busy""#) }
            let last = try #require(watch.output.split(separator: "\n").last)
            let change = try JSON(parsing: Array(last.utf8))
            #expect(change["user_id"] == "@alice:localhost" && change["ts"]?.integerValue != nil)
            watch.interrupt()
            #expect(try await watch.end() == 0)
        }
    }

    @Test("on a terminal watch draws in colours, draws again when something changes or the size does, and puts the terminal back")
    func watchTerminal() async throws {
        try await withHearth { hearth in
            let (alice, bob) = try await pair(hearth)
            let terminal = try PseudoTerminal(columns: 60, rows: 12)
            var environment = try hearth.environment(of: bob)
            environment["TERM"] = "xterm-256color"
            environment["NO_COLOR"] = .some(nil)
            let watch = try hearth.startCommand(["watch", "alice"], environment: environment, terminal: terminal)
            try await terminal.waitForOutput { $0.contains("\u{1B}[?1049h") && $0.contains("live  Ctrl-C ends") }
            try await alice.putPresence("busy")
            try await terminal.waitForOutput { $0.contains("\u{1B}[31m■\u{1B}[0m") }
            try await alice.putPresence("online")
            try await terminal.waitForOutput { $0.contains("\u{1B}[32m●\u{1B}[0m") }

            let before = terminal.output.utf8.count
            terminal.resize(columns: 30, rows: 5)
            watch.tellSizeChanged()
            try await terminal.waitForOutput { $0.utf8.count > before }
            #expect(terminal.output.contains("\u{1B}[H"))

            watch.interrupt()
            #expect(try await watch.end() == 0)
            try await terminal.waitForOutput { $0.hasSuffix("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l") }
        }
    }

    @Test("a login is kept for its owner alone, serves the other commands, and ends with logout")
    func login() async throws {
        try await withHearth { hearth in
            _ = try await hearth.client.register("alice", password: "a password")
            let configuration = hearth.path("config")
            let environment: [String: String?] = [
                "XDG_CONFIG_HOME": configuration, "HEARTH_URL": nil, "HEARTH_TOKEN": nil,
            ]
            let wrong = try await hearth.run(
                ["login", try hearth.baseURL, "--user", "alice"], environment: environment, input: "no\n")
            #expect(wrong.status == 1 && wrong.errors.contains("M_FORBIDDEN"))
            let login = try await hearth.run(
                ["login", try hearth.baseURL, "--user", "alice"], environment: environment, input: "a password\n")
            #expect(login.status == 0 && login.output.contains("@alice:localhost"), "\(login)")
            #expect(try permissions(of: configuration + "/hearth") == 0o700)
            #expect(try permissions(of: configuration + "/hearth/login.json") == 0o600)
            #expect(try await hearth.run(["who"], environment: environment).output.contains("@alice:localhost"))

            var elsewhere = environment
            elsewhere["HEARTH_URL"] = "http://127.0.0.1:9"
            let refused = try await hearth.run(["who"], environment: elsewhere)
            #expect(refused.status == 1 && refused.errors.contains("HEARTH_TOKEN"))

            #expect(try await hearth.run(["logout"], environment: environment).status == 0)
            #expect(try await hearth.run(["who"], environment: environment).errors.contains("nobody is logged in"))
        }
    }

    @Test("a password that is typed does not show")
    func typedPassword() async throws {
        try await withHearth { hearth in
            _ = try await hearth.client.register("alice", password: "a password")
            let terminal = try PseudoTerminal()
            let login = try hearth.startCommand(
                ["login", try hearth.baseURL], environment: ["XDG_CONFIG_HOME": hearth.path("config")], terminal: terminal)
            try await terminal.waitForOutput { $0.contains("User: ") }
            terminal.type("alice\n")
            try await terminal.waitForOutput { $0.contains("Password: ") }
            #expect(!terminal.echoes)
            terminal.type("a password\n")
            #expect(try await login.end() == 0)
            try await terminal.waitForOutput { $0.contains("logged in as @alice:localhost") }
            #expect(!terminal.output.contains("a password"))
            #expect(terminal.echoes)
        }
    }
}
