import Logging
import MatrixModel
import Testing

@testable import hearth

@Suite("The program's own formats")
struct CommandLineTests {
    @Test("a settings file becomes keys with dots and the texts that stand there")
    func file() throws {
        let text = """
            # a comment
            server:
              name: example.org
            presence: {settle: 0, audience: "local", last_active: true}
            listen:
              trusted_proxies: [127.0.0.1, "10.0.0.0/8"]
            legacy.sunset:
            peek:
              lifetime: 0x10
            """
        let values = try YAMLSettings.parse(text, name: "hearth.yaml")
        #expect(
            values.map { "\($0.key)=\($0.value)" } == [
                "server.name=example.org", "presence.settle=0", "presence.audience=local", "presence.last_active=true",
                "listen.trusted_proxies=127.0.0.1,10.0.0.0/8", "legacy.sunset=", "peek.lifetime=0x10",
            ])
    }

    @Test("an empty settings file sets nothing", arguments: ["", "\n", "# nothing\n", "---\n", "~"])
    func emptyFile(text: String) throws {
        #expect(try YAMLSettings.parse(text, name: "hearth.yaml").isEmpty)
    }

    @Test(
        "a file that is not sections of texts is refused in one line",
        arguments: [
            "presence", "- a\n- b", "presence: [", "presence:\n  settle: 1s\n  settle: 2s",
            "presence.settle: 1s\npresence: {settle: 2s}",
            "listen: {trusted_proxies: [{a: b}]}", "? [a]\n: b",
        ])
    func badFile(text: String) {
        let error = #expect(throws: CommandFailure.self) { try YAMLSettings.parse(text, name: "hearth.yaml") }
        #expect(error?.description.contains("hearth.yaml") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test("commands and answers of the socket are read as they were written")
    func protocolRoundTrip() throws {
        let command = ControlCommand.createUser(localpart: "alice", password: "line\nbreak \"quoted\"", isAdmin: true)
        #expect(!command.json.bytes.contains(UInt8(ascii: "\n")))
        #expect(try ControlCommand(line: command.json.bytes) == command)
        for answer in [ControlAnswer.done("@alice:example.org"), .failed("a sentence")] {
            #expect(try ControlAnswer(line: answer.json.bytes) == answer)
        }
    }

    @Test(
        "anything else on the socket is answered with a sentence",
        arguments: [
            "", "x", "{}", "[]", #"{"command":"stop"}"#, #"{"command":"create_user","localpart":"a","password":1,"admin":true}"#,
        ])
    func badCommand(line: String) {
        #expect(throws: CommandFailure.self) { try ControlCommand(line: Array(line.utf8)) }
    }

    @Test("a log message stays on its line, whatever it holds")
    func logLine() {
        let line = LineLogHandler.line(
            time: "T", level: .warning, message: "two\nlines\u{1B}[31m",
            metadata: ["b": "a \"word\"\nand more", "a": "plain", "c": ""])
        #expect(line == #"T warning two\nlines\u{1b}[31m a=plain b="a \"word\"\nand more" c="""#)
    }
}
