import Testing

/// Reads [Prometheus's text format](https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details) and refuses
/// whatever Prometheus would, or would read otherwise than meant.
struct Exposition {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    private(set) var samples: [Sample] = []
    private var kinds: [String: String] = [:]

    /// The values of a metric, of those with these labels among theirs.
    func values(of name: String, _ labels: [String: String] = [:]) -> [Double] {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }.map(\.value)
    }

    var names: Set<String> { Set(samples.map(\.name)) }

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Malformed("the last line does not end", 0) }
        var family = ""
        var seen: Set<String> = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().enumerated() {
            if line.hasPrefix("# ") {
                let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
                guard words.count == 4, ["HELP", "TYPE"].contains(words[1]), Self.isName(words[2]) else {
                    throw Malformed("no comment: \(line)", number)
                }
                if words[2] != family, kinds[words[2]] != nil { throw Malformed("\(words[2]) comes in two pieces", number) }
                family = words[2]
                guard words[1] == "TYPE" else { continue }
                guard ["counter", "gauge", "histogram"].contains(words[3]), kinds[family] == nil else {
                    throw Malformed("no type: \(line)", number)
                }
                kinds[family] = words[3]
                continue
            }
            let sample = try Self.sample(line, number)
            let suffixes = kinds[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
            guard suffixes.contains(where: { family + $0 == sample.name }) else {
                throw Malformed("\(sample.name) is not of the family \(family)", number)
            }
            guard seen.insert("\(sample.name)\(sample.labels.sorted { $0.key < $1.key })").inserted else {
                throw Malformed("twice: \(line)", number)
            }
            if kinds[family] == "counter", !family.hasSuffix("_total") {
                throw Malformed("a counter ends in _total: \(line)", number)
            }
            if kinds[family] != "gauge", sample.value < 0 { throw Malformed("counted below nothing: \(line)", number) }
            samples.append(sample)
        }
        try checkHistograms()
    }

    /// Buckets grow, the last is the infinite one, and it is the count.
    private func checkHistograms() throws {
        for name in kinds.filter({ $0.value == "histogram" }).keys {
            for count in samples where count.name == name + "_count" {
                let buckets = samples.filter { sample in
                    sample.name == name + "_bucket" && count.labels.allSatisfy { sample.labels[$0.key] == $0.value }
                        && sample.labels.count == count.labels.count + 1
                }
                let bounds = buckets.map { Double($0.labels["le"] ?? "") ?? ($0.labels["le"] == "+Inf" ? .infinity : .nan) }
                guard bounds == bounds.sorted(), bounds.last == .infinity, Set(bounds).count == bounds.count,
                    buckets.map(\.value) == buckets.map(\.value).sorted(), buckets.last?.value == count.value,
                    !values(of: name + "_sum", count.labels).isEmpty
                else { throw Malformed("the buckets of \(name)\(count.labels)", 0) }
            }
        }
    }

    private static func sample(_ line: Substring, _ number: Int) throws -> Sample {
        var rest = line
        let name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest = rest.dropFirst(name.count)
        guard isName(name) else { throw Malformed("no name: \(line)", number) }
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let key = String(rest.prefix { $0 != "=" })
                rest = rest.dropFirst(key.count + 1)
                guard isName(key), !key.contains(":"), rest.popFirst() == "\"" else {
                    throw Malformed("no label: \(line)", number)
                }
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "n": value.append("\n")
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    default: throw Malformed("no escape: \(line)", number)
                    }
                }
                guard labels.updateValue(value, forKey: key) == nil else { throw Malformed("a label twice: \(line)", number) }
                if rest.first == "," { rest = rest.dropFirst() } else if rest.first != "}" { throw Malformed("\(line)", number) }
            }
            rest = rest.dropFirst()
        }
        guard rest.popFirst() == " " else { throw Malformed("no space before the value: \(line)", number) }
        let value = rest == "+Inf" ? .infinity : rest == "NaN" ? .nan : Double(String(rest))
        guard let value, !rest.contains(" ") else { throw Malformed("no value: \(line)", number) }
        return Sample(name: name, labels: labels, value: value)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.first, first.isASCII, first.isLetter || first == "_" else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String

        init(_ sentence: String, _ line: Int) { description = "line \(line + 1): \(sentence)" }
    }
}

@Suite("Prometheus's text format, as the tests read it")
struct ExpositionParserTests {
    @Test("a well-formed text is read")
    func reads() throws {
        let text = """
            # HELP a_total x y
            # TYPE a_total counter
            a_total{x="1",y="a\\"b"} 3
            # TYPE h histogram
            h_bucket{le="1"} 1
            h_bucket{le="+Inf"} 2
            h_sum 3.5
            h_count 2

            """
        let exposition = try Exposition(text)
        #expect(exposition.values(of: "a_total", ["y": "a\"b"]) == [3])
        #expect(exposition.values(of: "h_count") == [2])
    }

    @Test(
        "what is not well formed is refused",
        arguments: [
            "a 1", "# TYPE a gauge\na  1\n", "# TYPE a gauge\na{x=1} 1\n", "# TYPE a gauge\na{x=\"1} 1\n",
            "# TYPE a gauge\na x\n",
            "# TYPE a gauge\na 1\na 2\n", "a 1\n", "# TYPE a gauge\nb 1\n", "# TYPE a counter\na 1\n",
            "# TYPE a_total counter\na_total -1\n",
            "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\na{x=\"1\"} 1\n", "# TYPE 1a gauge\n1a 1\n",
            "# TYPE h histogram\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n",
            "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 1\nh_count 2\n", "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n",
        ])
    func refuses(text: String) {
        #expect(throws: Exposition.Malformed.self) { try Exposition(text) }
    }
}
