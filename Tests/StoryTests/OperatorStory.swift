import Foundation
import HearthTestKit
import MatrixModel
import Testing

/// The operator's commands, beside a running server and without one.
@Suite("The operator's commands")
struct OperatorStory {
    @Test("accounts are listed, get new passwords and end, while the server runs", arguments: [true, false])
    func accounts(isRunning: Bool) async throws {
        try await withHearth { hearth in
            let alice = try await hearth.client.register("alice")
            let bob = try await hearth.client.register("bob")
            let room = try await alice.createRoom(["preset": "public_chat"])
            try await bob.join(room)
            if !isRunning { try await hearth.terminate() }
            let data = ["--data", hearth.dataDirectory.path]

            let reset = try await hearth.run(["user", "reset-password", "bob"] + data, input: "a new one\n")
            #expect(reset.output.contains("logged out everywhere"), "\(reset)")
            let unsure = try await hearth.run(["user", "deactivate", "alice"] + data)
            #expect(unsure.status == 1 && unsure.errors.contains("--yes"))
            let other = try await hearth.run(["user", "deactivate", "@alice:elsewhere", "--yes"] + data)
            #expect(other.status == 1 && other.errors.contains("localhost"))
            let nobody = try await hearth.run(["user", "deactivate", "nobody", "--yes"] + data)
            #expect(nobody.status == 1 && nobody.errors.contains("There is no such user"))
            let ended = try await hearth.run(["user", "deactivate", "alice", "--yes"] + data)
            #expect(ended.status == 0, "\(ended)")

            let list = try await hearth.command(["user", "list"]).split(separator: "\n").map { $0.split(separator: "\t") }
            #expect(list.map { $0.prefix(3) } == [["@alice:localhost", "-", "deactivated"], ["@bob:localhost", "-", "active"]])
            #expect(list.map { $0.dropFirst(4).first } == ["0", "0"])

            if !isRunning { try await hearth.start() }
            #expect(try await bob.request("GET", "/account/whoami").status == 401)
            let bobAgain = try await hearth.client.login("bob", password: "a new one")
            _ = try await hearth.client.post(
                "/login", ["type": "m.login.password", "user": "alice", "password": "correct horse battery staple"],
                expecting: 403)
            #expect(try await bobAgain.state("m.room.member", key: alice.userID, of: room)["membership"] == "leave")
            _ = try await bobAgain.get("/profile/\(alice.userID)", expecting: 404)
        }
    }

    @Test("registration tokens are listed and made void")
    func tokens() async throws {
        try await withHearth(settings: ["registration.open": "false"]) { hearth in
            let token = try await hearth.command(["registration-token", "add", "--uses", "3", "--expires-in", "7d"])
                .split(separator: "\n").first.map(String.init)
            let name = try #require(token)
            let line = try await hearth.command(["registration-token", "list"]).split(separator: "\n").map(String.init)
            #expect(line.count == 1 && line[0].hasPrefix("\(name)\t0\t3\t") && line[0].hasSuffix("\tvalid"))
            #expect(try await hearth.command(["registration-token", "remove", name]).contains("void"))
            #expect(try await hearth.command(["registration-token", "list"]).isEmpty)
            let path: MatrixPath = "\(raw: "/_matrix/client/v1/register/m.login.registration_token/validity")"
            // Registration is closed again, and asking for a token says no more than that.
            let validity = try await hearth.client.request("GET", path, query: ["token": name])
            #expect(validity["valid"] != true)
            let again = try await hearth.run(["registration-token", "remove", name, "--data", hearth.dataDirectory.path])
            #expect(again.status == 1 && again.errors.contains("no such registration token"))
        }
    }
}

/// What the doctor finds in real directories.
@Suite("The doctor")
struct DoctorStory {
    private func doctor(_ hearth: HearthProcess, _ words: [String] = []) async throws -> CommandResult {
        try await hearth.run(["doctor", "--data", hearth.dataDirectory.path] + words)
    }

    @Test("a running server is well")
    func healthy() async throws {
        try await withHearth { hearth in
            _ = try await hearth.client.register("alice")
            let address = try hearth.baseURL.dropFirst("http://".count)
            let result = try await doctor(hearth, ["--set", "listen.address=\(address)", "--thorough"])
            #expect(result.status == 0, "\(result)")
            for sentence in ["where the running server answers", "whole (integrity_check)", "ed25519:a_", "one is running"] {
                #expect(result.output.contains(sentence), "\(sentence)")
            }
            #expect(!result.output.contains("FAIL"))
            let blind = try await doctor(hearth, ["--set", "media.thumbnailer=/no/such/program"])
            #expect(blind.output.contains("put hearth-thumbnail beside hearth"))
        }
    }

    @Test("a port that another program has, a setting that is none and another server's name are broken, with a cure each")
    func broken() async throws {
        try await withHearth { hearth in
            try await hearth.terminate()
            try await withHearth { other in
                let address = try other.baseURL.dropFirst("http://".count)
                let port = try await doctor(hearth, ["--set", "listen.address=\(address)"])
                #expect(port.status == 1 && port.output.contains("another program listens on \(address)"), "\(port)")
                #expect(port.output.contains("→ stop it"))
            }
            let setting = try await doctor(hearth, ["--set", "presence.setle=1s"])
            #expect(setting.status == 1 && setting.output.contains("presence.settle"))
            let name = try await doctor(hearth, ["--set", "server.name=example.org", "--set", "listen.address=127.0.0.1:0"])
            #expect(name.status == 1 && name.output.contains("belongs to localhost"))
        }
    }

    @Test("a damaged database and a directory that is open to others are found")
    func damaged() async throws {
        try await withHearth { hearth in
            _ = try await hearth.client.register("alice")
            try await hearth.terminate()
            let directory = hearth.dataDirectory.path
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
            // What still stands in the write-ahead log is folded into the file.
            _ = try RawDatabase(of: hearth)
            let file = try FileHandle(forUpdating: hearth.dataDirectory.appending(path: "hearth.db"))
            let pages = try file.seekToEnd() / 4096
            for page in 4..<pages {
                try file.seek(toOffset: page * 4096)
                try file.write(contentsOf: Data(repeating: 0x5A, count: 100))
            }
            try file.close()
            let result = try await doctor(hearth, ["--set", "listen.address=127.0.0.1:0"])
            #expect(result.status == 1, "\(result)")
            #expect(result.output.contains("FAIL  database"))
            #expect(result.output.contains("chmod 700"))
        }
    }

    @Test("a directory that does not exist yet is no trouble, and still does not exist afterwards")
    func fresh() async throws {
        try await withHearth { hearth in
            let data = hearth.path("not-yet")
            let result = try await hearth.run(["doctor", "--data", data, "--set", "listen.address=127.0.0.1:0"])
            #expect(result.status == 0 && result.output.contains("the first start makes it"), "\(result)")
            #expect(!FileManager.default.fileExists(atPath: data))
        }
    }
}
