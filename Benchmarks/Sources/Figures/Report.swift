import Foundation

/// The figures of a run: one line of JSON each on standard output, and a table of all on standard error at the end.
public final class Report {
    private var rows: [[String]] = []
    private let server: String

    public init(server: String) { self.server = server }

    public func figure(_ name: String, _ value: Double, _ unit: String, in benchCase: String, note: String = "") {
        let number = value >= 100 ? String(format: "%.0f", value) : String(format: "%.2f", value)
        var line = #"{"server":"\#(server)","case":"\#(benchCase)","figure":"\#(name)","value":\#(number),"unit":"\#(unit)""#
        if !note.isEmpty { line += #","note":"\#(note)""# }
        FileHandle.standardOutput.write(Data((line + "}\n").utf8))
        rows.append([benchCase, name, number, unit, note])
    }

    public func say(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

    public func table() {
        let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = (0..<4).map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 2 ? gap + row[column] : row[column] + gap
            }
            say((cells + [row[4]]).joined(separator: "  "))
        }
    }
}
