import HTTPTypes
import MatrixModel
import Testing

@testable import ClientAPI
@testable import HearthServices

struct JSONBodyTests {
    @Test(
        "what is no JSON is M_NOT_JSON, JSON that Matrix does not take is M_BAD_JSON",
        arguments: [
            ("", ErrorCode.notJSON), ("{", .notJSON), ("nothing", .notJSON), ("{}{}", .notJSON), ("{'a':1}", .notJSON),
            ("[]", .badJSON),
            ("1", .badJSON), ("null", .badJSON), (#""x""#, .badJSON), (#"{"a":"\u0000"}"#, .badJSON),
            (#"{"a":"\ud800"}"#, .badJSON),
            (#"{"a":1,"a":2}"#, .badJSON), (#"{"a":1e999}"#, .badJSON), (String(repeating: #"{"a":"#, count: 200), .badJSON),
        ])
    func refused(text: String, code: ErrorCode) {
        let failure = #expect(throws: ClientFailure.self) { try JSONBody(parsing: text.utf8) }
        #expect(failure?.status == .badRequest)
        #expect(failure?.code == code)
    }

    @Test("a null counts as absent, a wrong type is told by its key")
    func accessors() throws {
        let body = try JSONBody(parsing: #"{"s":"x","n":null,"i":1,"b":true,"l":[],"o":{}}"#.utf8)
        #expect(try body.string("s") == "x")
        #expect(try body.string("n") == nil)
        #expect(try body.string("missing") == nil)
        #expect(try body.bool("b") == true)
        #expect(try body.array("l")?.count == 0)
        #expect(try body.object("o")?.json == [:])
        let wrong = #expect(throws: ClientFailure.self) { try body.string("i") }
        #expect(wrong?.code == .badJSON)
        #expect(wrong?.body["error"]?.stringValue?.contains("\"i\"") == true)
        for key in ["n", "missing"] {
            let missing = #expect(throws: ClientFailure.self) { try body.requiredString(key) }
            #expect(missing?.code == .missingParam)
        }
    }

    @Test(
        "event content holds canonical numbers only, anywhere in it",
        arguments: ["1.5", "1e3", "9007199254740992", "-9007199254740992", "123456789012345678901234567890"])
    func numbers(number: String) throws {
        for text in [#"{"a":\#(number)}"#, #"{"a":[{"b":\#(number)}]}"#] {
            let body = try JSONBody(parsing: text.utf8)
            let failure = #expect(throws: ClientFailure.self) { try body.eventContent() }
            #expect(failure?.code == .badJSON)
        }
    }

    @Test("a room request carries everything over")
    func createRoom() throws {
        let body = try JSONBody(
            parsing: #"""
                {"visibility":"public","preset":"trusted_private_chat","room_alias_name":"x","name":"N","topic":null,"invite":["@b:s"],
                 "room_version":"12","is_direct":true,"creation_content":{"m.federate":false},
                 "power_level_content_override":{"ban":1},"initial_state":[{"type":"m.x","content":{"a":1}}]}
                """#.utf8)
        let request = try CreateRoomRequest(body)
        #expect(request.isPublic && request.isDirect)
        #expect(request.preset == .trustedPrivateChat)
        #expect(request.aliasLocalpart == "x" && request.name == "N" && request.topic == nil && request.version == "12")
        #expect(request.invite.map(\.rawValue) == ["@b:s"])
        #expect(request.creationContent == ["m.federate": false])
        #expect(request.powerLevelOverride == ["ban": 1])
        #expect(request.initialState.map(\.key) == [StateKey("m.x")])
    }

    @Test(
        "a room request of the wrong shape is refused",
        arguments: [
            (#"{"preset":"x"}"#, ErrorCode.invalidParam), (#"{"visibility":"x"}"#, .invalidParam),
            (#"{"invite":["x"]}"#, .invalidParam),
            (#"{"invite":[1]}"#, .badJSON), (#"{"invite":{}}"#, .badJSON), (#"{"initial_state":[1]}"#, .badJSON),
            (#"{"initial_state":[{"content":{}}]}"#, .missingParam), (#"{"initial_state":[{"type":"x"}]}"#, .missingParam),
            (#"{"creation_content":{"a":1.5}}"#, .badJSON), (#"{"name":1}"#, .badJSON), (#"{"invite_3pid":[{}]}"#, .invalidParam),
        ])
    func badCreateRoom(text: String, code: ErrorCode) throws {
        let body = try JSONBody(parsing: text.utf8)
        let failure = #expect(throws: ClientFailure.self) { try CreateRoomRequest(body) }
        #expect(failure?.code == code)
    }

    @Test("both shapes of a login name the user")
    func login() throws {
        for text in [
            #"{"type":"m.login.password","identifier":{"type":"m.id.user","user":"a"},"password":"p","device_id":"D"}"#,
            #"{"type":"m.login.password","user":"a","password":"p","device_id":"D"}"#,
        ] {
            let request = try PostLogin.request(JSONBody(parsing: text.utf8))
            #expect(request.user == "a" && request.password == "p" && request.deviceID?.rawValue == "D")
        }
    }

    @Test(
        "each stage of authentication is read with what it needs",
        arguments: [
            (#"{}"#, "none"), (#"{"auth":null}"#, "none"), (#"{"auth":{"session":"s"}}"#, "s nil"),
            (#"{"auth":{"type":"m.login.dummy"}}"#, "- dummy"),
            (#"{"auth":{"type":"m.login.registration_token","token":"t","session":"s"}}"#, #"s registrationToken("t")"#),
            (#"{"auth":{"type":"m.login.password","user":"u","password":"p"}}"#, #"- password(user: "u", password: "p")"#),
            (#"{"auth":{"type":"x"}}"#, #"- other(type: "x")"#), (#"{"auth":1}"#, "M_BAD_JSON"),
            (#"{"auth":{"type":"m.login.password"}}"#, "M_MISSING_PARAM"),
        ])
    func stages(text: String, expected: String) throws {
        let body = try JSONBody(parsing: text.utf8)
        let found: String
        do {
            found = try UIAuth(in: body).map { "\($0.session ?? "-") \($0.attempt.map { "\($0)" } ?? "nil")" } ?? "none"
        } catch {
            found = error.code?.rawValue ?? ""
        }
        #expect(found == expected)
    }
}
