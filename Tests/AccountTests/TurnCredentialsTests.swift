import MatrixModel
import Testing

@testable import HearthServices
@testable import HearthSettings

@Suite("Credentials for TURN servers")
struct TurnCredentialsTests {
    @Test("the password is the HMAC-SHA1 of the name by the shared secret")
    func password() throws {
        var settings = HearthSettings.Turn()
        settings.uris = ["turn:turn.example.org"]
        settings.secret = "north"
        settings.timeToLive = .seconds(3600)
        let user = try #require(UserID("@alice:example.org"))
        let made = TurnCredentials.make(for: user, settings: settings, now: MatrixTimestamp(milliseconds: 1_700_000_000_999))
        #expect(made?.username == "1700003600:@alice:example.org")
        // printf '1700003600:@alice:example.org' | openssl dgst -sha1 -hmac north -binary | base64
        #expect(made?.password == "6cEh1+OSEPFM5XsksE7KvMgzX1c=")
        #expect(made?.timeToLive == 3600)
        settings.uris = []
        #expect(TurnCredentials.make(for: user, settings: settings, now: MatrixTimestamp(milliseconds: 0)) == nil)
    }
}
