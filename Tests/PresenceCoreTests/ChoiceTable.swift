import Foundation
import MatrixModel
import Testing

/// The table "Who ends what" of docs/presence.md: what people and programs do, one after the other, and what others see then.
///
/// A row is a list of steps, each followed by what is shown: `` `P offline` offline · `P online` online ``. `soon` behind it means that it
/// may take until a fall has settled.
struct ChoiceTable {
    struct Row: CustomTestStringConvertible, Sendable {
        let number: Int
        let steps: [Step]

        var testDescription: String { "\(number): " + steps.map(\.text).joined(separator: ", ") }
    }

    struct Step: Sendable {
        let text: String
        let shown: String
        let isSoon: Bool

        var words: [String] { text.split(separator: " ").map(String.init) }
    }

    static let rows: [Row] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = (try? String(contentsOf: root.appending(path: "docs/presence.md"), encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let table = lines.drop { $0 != "### Who ends what" }.dropFirst().prefix { !$0.hasPrefix("#") }
        return table.compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 2, let number = Int(cells[0]) else { return nil }
            return Row(number: number, steps: steps(cells[1]))
        }
    }()

    private static func steps(_ cell: String) -> [Step] {
        cell.components(separatedBy: " · ").compactMap { part in
            let pieces = part.split(separator: "`", omittingEmptySubsequences: true).map(String.init)
            guard pieces.count == 2 else { return nil }
            let shown = pieces[1].split(separator: " ").map(String.init)
            return Step(text: pieces[0], shown: shown.first ?? "", isSoon: shown.contains("soon"))
        }
    }
}
