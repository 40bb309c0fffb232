import Foundation
import MatrixModel
import Testing

/// The parser and writer against the verdicts of a second implementation, which `scripts/fuzz-canonical-json` wrote down.
///
/// `HEARTH_JSON_CORPUS` names the file; `make test` makes a large one. Without it the small corpus beside these tests is read.
@Suite("JSON against a second implementation")
struct JSONCorpusTests {
    private struct Case: Decodable {
        var text: Data
        var canonical: Data?
        var client: Bool
    }

    @Test("every text is taken, refused and written as the second implementation does")
    func corpus() throws {
        let cases = try Self.cases()
        #expect(cases.contains { $0.canonical != nil } && cases.contains { $0.canonical == nil }, "the corpus is one-sided")
        for (number, testCase) in cases.enumerated() {
            let place: Comment = "line \(number + 1): \(String(decoding: testCase.text, as: UTF8.self).debugDescription)"
            #expect(Self.parse(testCase.text, .canonical)?.bytes == testCase.canonical.map(Array.init), place)
            #expect((Self.parse(testCase.text, .clientRequest) != nil) == testCase.client, place)
        }
    }

    private static func parse(_ text: Data, _ options: JSONParseOptions) -> JSON? {
        do throws(JSONParseError) {
            return try JSON(parsing: text, options: options)
        } catch {
            return nil
        }
    }

    private static func cases() throws -> [Case] {
        let committed = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Corpus/canonical-json.jsonl")
        let named = ProcessInfo.processInfo.environment["HEARTH_JSON_CORPUS"]
        let file = named.map { URL(filePath: $0) } ?? committed
        try #require(
            FileManager.default.fileExists(atPath: file.path),
            "There is no JSON corpus at \(file.path). Run `make test`, which makes it, or unset HEARTH_JSON_CORPUS to read the small one."
        )
        let decoder = JSONDecoder()
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map {
            try decoder.decode(Case.self, from: Data($0))
        }
    }
}
