import ClientAPI
import Foundation
import Testing

@Suite("The page of what is served")
struct ServedPageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The rows of the page: method, path and what stands beside them.
    private static func rows() throws -> [(endpoint: String, state: String)] {
        let page = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        return page.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let parts = cells.first?.split(separator: "`") ?? []
            guard cells.count == 2, let endpoint = parts.first(where: { $0.contains(" /") }) else { return nil }
            return (nameless(String(endpoint)), cells[1])
        }
    }

    /// Every parameter as a star, and the old prefix as today's.
    private static func nameless(_ endpoint: String) -> String {
        endpoint.replacing("/r0/", with: "/v3/").split(separator: "/", omittingEmptySubsequences: true)
            .map { $0.hasPrefix(":") || $0.hasPrefix("{") ? "*" : String($0) }.joined(separator: "/")
    }

    @Test("docs/api.md names what is served and nothing else; write it with: make api-page")
    func page() throws {
        let rows = try Self.rows()
        let isPromised = { (state: String) in state != "not yet" && !state.hasPrefix("not meant") }
        let promised = Set(rows.filter { isPromised($0.state) }.map(\.endpoint))
        // An empty state key may be left out together with its slash: the same endpoint.
        let shortState = "_matrix/client/v3/rooms/*/state/*"
        let served = Set(ClientAPI.routes.map { Self.nameless("\($0.method) \($0.path)") }.filter { !$0.hasSuffix(shortState) })
        #expect(!served.isEmpty)
        #expect(promised.subtracting(served).sorted() == [], "promised, but not served")
        #expect(served.subtracting(promised).sorted() == [], "served, but not named")
    }
}
