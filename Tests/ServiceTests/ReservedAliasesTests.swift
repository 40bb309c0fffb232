import Foundation
import MatrixModel
import Testing

@testable import HearthServices

@Suite("Aliases that only the server gives")
struct ReservedAliasesTests {
    private func alias(_ localpart: String) throws -> RoomAlias { try #require(RoomAlias("#\(localpart):s")) }

    @Test(
        "what people would take for a profile room's alias is nobody's to give",
        arguments: [
            "@alice", "\u{FF20}alice", "\u{FE6B}alice", "\u{200B}@alice", "\u{2060}\u{FEFF}@alice", "\u{AD}\u{FF20}alice",
            "@\u{301}alice",
            "\u{202E}@alice", "\u{FE0F}@alice", " @alice", "\u{3000}@alice", "\u{34F}@alice", "\u{301}@alice", "@\u{200D}alice",
            "\u{E0001}@a",
        ])
    func reserved(localpart: String) throws {
        #expect(ReservedAliases.contains(try alias(localpart)))
    }

    @Test(
        "all other names are free",
        arguments: ["den", "d@n", "at@", "den\u{200B}", "\u{200B}den", "ⓐlice", "a\u{FF20}b", "🏠", "-@"])
    func free(localpart: String) throws {
        #expect(!ReservedAliases.contains(try alias(localpart)))
        #expect(!ReservedAliases.isProfile(try alias(localpart)))
    }

    @Test("no other character becomes an @ by compatibility normalization")
    func everyCharacter() throws {
        for value in UInt32(0x21)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), value < 0xD800 || value > 0xF8FF, scalar != ":" else { continue }
            let text = String(Character(scalar))
            guard text.precomposedStringWithCompatibilityMapping.unicodeScalars.first == "@" else { continue }
            #expect(ReservedAliases.contains(try alias(text + "a")), "U+\(String(value, radix: 16))")
        }
    }
}
