import MatrixModel
import Testing

@Suite("Case folding")
struct CaseFoldingTests {
    @Test(
        "texts that people take for the same have the same bytes",
        arguments: [
            ["café", "cafe\u{301}", "CAFÉ", "CAFE\u{301}"], ["straße", "STRASSE", "STRA\u{1E9E}E", "Strasse"],
            ["istanbul", "İstanbul", "I\u{307}stanbul", "ISTANBUL"], ["ΣΊΣΥΦΟΣ", "σίσυφος", "Σίσυφο\u{3C3}"],
            ["한국어", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}\u{110B}\u{1165}", "한국\u{110B}\u{1165}"],
            ["ångström", "\u{212B}NGSTRÖM", "A\u{30A}ngstro\u{308}m"], ["kelvin", "\u{212A}ELVIN"], ["ﬁn", "FIN", "fin"],
            ["ệ", "E\u{302}\u{323}", "e\u{323}\u{302}", "\u{1EB8}\u{302}"], ["Ꭰ", "ꭰ"],
            ["ᾳ\u{301}", "Α\u{345}\u{301}", "ά\u{345}", "άι"], ["ПРИВЕТ", "привет"], ["й", "и\u{306}", "Й"],
        ])
    func equal(texts: [String]) {
        for text in texts {
            #expect(CaseFolding.fold(text).hasSameBytes(as: CaseFolding.fold(texts[0])), "\(text)")
        }
    }

    @Test(
        "texts that are not the same stay apart",
        arguments: [("cafe", "café"), ("ı", "i"), ("и", "й"), ("ss", "s"), ("가", "각"), ("i\u{307}\u{307}", "i"), ("日", "本")])
    func different(one: String, other: String) {
        #expect(!CaseFolding.fold(one).hasSameBytes(as: CaseFolding.fold(other)))
    }

    @Test(
        "a folded text is composed, and keeps what is not for folding",
        arguments: [
            ("E\u{301}", "é"), ("a\u{323}\u{307}", "ạ\u{307}"), ("x\u{307}", "ẋ"), ("q\u{30C}", "q\u{30C}"),
            ("\u{301}", "\u{301}"),
            ("🏃🏽‍♀️ A", "🏃🏽‍♀️ a"), ("", ""), ("\u{958}", "\u{915}\u{93C}"), ("A\u{301}\u{301}", "á\u{301}"),
        ])
    func composed(text: String, folded: String) {
        #expect(CaseFolding.fold(text).hasSameBytes(as: folded))
    }

    @Test("folding changes no text's length by more than a factor of three, whatever it is made of")
    func length() {
        var random = SeededGenerator(seed: 13)
        let scalars: [Unicode.Scalar] =
            (0x80...0x2FFF).compactMap { Unicode.Scalar($0) } + (0x1D15E...0x1D1C0).compactMap { Unicode.Scalar($0) }
        let special = Array("iIİ\u{307}\u{345}\u{323}αΐßK\u{1FB7}".unicodeScalars)
        for _ in 0..<20_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let source = Bool.random(using: &random) ? scalars : special
                text.append(source[Int.random(in: 0..<source.count, using: &random)])
            }
            let (before, after) = (String(text).utf8.count, CaseFolding.fold(String(text)).utf8.count)
            #expect(before <= 3 * after && after <= 3 * before, "\(text.map { String($0.value, radix: 16) })")
        }
    }

    @Test("marks of any number come into the order of their classes, those of one class in their own")
    func marks() {
        let many = String(repeating: "\u{301}\u{323}\u{300}", count: 5_000)
        let ordered = "ạ" + String(repeating: "\u{323}", count: 4_999) + String(repeating: "\u{301}\u{300}", count: 5_000)
        #expect(CaseFolding.fold("A" + many).hasSameBytes(as: ordered))
    }
}
