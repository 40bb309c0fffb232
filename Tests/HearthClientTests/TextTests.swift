import HearthClient
import MatrixModel
import Testing

@Suite("What others wrote, on a terminal")
struct TextTests {
    @Test(
        "nothing that moves a cursor, changes a colour or turns the writing is left",
        arguments: [
            ("plain", "plain"), ("\u{1B}[31mred\u{1B}[0m", "\u{FFFD}[31mred\u{FFFD}[0m"), ("a\nb\tc\r\nd", "a b c d"),
            ("\u{9B}2J", "\u{FFFD}2J"), ("\u{7}\u{8}\u{7F}", "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("\u{202E}evil\u{2066}x", "\u{FFFD}evil\u{FFFD}x"), ("zwj 👩‍💻 stays", "zwj 👩‍💻 stays"), ("日本語", "日本語"),
            ("\u{2028}line", " line"),
        ])
    func neutralised(text: String, expected: String) {
        #expect(SafeText.neutralised(text) == expected)
    }

    @Test("a tower of accents is one replaced character")
    func tower() {
        let tower = "a" + String(repeating: "\u{301}", count: 5000)
        #expect(SafeText.neutralised("x\(tower)y") == "x\u{FFFD}y")
    }

    @Test("no scalar that neutralising leaves is a control", arguments: [0...0x10FFFF])
    func allScalars(range: ClosedRange<UInt32>) {
        for value in range {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for left in SafeText.neutralised(String(Character(scalar))).unicodeScalars
            where left.properties.generalCategory == .control {
                Issue.record("U+\(String(value, radix: 16)) leaves a control")
            }
        }
    }

    @Test("a leading emoji of a status goes apart from its text")
    func split() {
        for (status, emoji, text) in [
            ("🏃 lunch", "🏃", "lunch"), ("lunch 🏃", "", "lunch 🏃"), ("👩‍💻deep work", "👩‍💻", "deep work"), ("☕", "☕", ""),
            ("1 thing", "", "1 thing"), ("#1", "", "#1"), ("❤️ home", "❤️", "home"), ("  🇩🇪  Berlin ", "🇩🇪", "Berlin"), ("", "", ""),
            ("© 2026", "", "© 2026"), ("1️⃣ first", "1️⃣", "first"),
        ] {
            let parts = EmojiText.split(status)
            #expect(parts.emoji == emoji && parts.text == text, "\(status)")
        }
    }

    @Test("an emoji that no status could hold stays in the text")
    func longEmoji() {
        let long = "👨" + String(repeating: "\u{200D}👨", count: 6)
        #expect(EmojiText.split(long).emoji.isEmpty)
    }

    @Test("texts are cut and filled by the columns that they take")
    func widths() {
        #expect(DisplayWidth.of("abc") == 3)
        #expect(DisplayWidth.of("日本") == 4)
        #expect(DisplayWidth.of("👩‍💻é") == 3)
        #expect(DisplayWidth.clipped("abcdef", to: 4) == "abc…")
        #expect(DisplayWidth.clipped("abcd", to: 4) == "abcd")
        #expect(DisplayWidth.clipped("日本語", to: 4) == "日…")
        #expect(DisplayWidth.padded("日本", to: 5) == "日本 ")
        #expect(DisplayWidth.clipped("abc", to: 0).isEmpty)
    }

    @Test("a server's address is taken with and without scheme, and nothing else is")
    func addresses() {
        for (text, expected) in [
            ("https://example.org/", "https://example.org"), ("example.org", "https://example.org"),
            ("localhost:8008", "http://localhost:8008"), ("127.0.0.1:8008", "http://127.0.0.1:8008"),
            ("HTTP://[::1]:80", "http://[::1]:80"), ("https://example.org/matrix", "https://example.org/matrix"),
        ] {
            #expect(ServerURL(text)?.description == expected)
        }
        for text in ["", "ftp://x", "https://", "https://u:p@x", "https://x?y", "https://x#y", "a b", "https:///x", "x\ny"] {
            #expect(ServerURL(text) == nil, "\(text)")
        }
    }

    @Test("waits grow from attempt to attempt up to a minute, and begin anew after a success")
    func backoff() {
        var backoff = Backoff()
        let waits = (0..<8).map { _ in backoff.wait(chance: 1) }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(backoff.wait(chance: 0) == .seconds(30))
        backoff.succeeded()
        #expect(backoff.wait(chance: 0) == .milliseconds(500))
    }
}
