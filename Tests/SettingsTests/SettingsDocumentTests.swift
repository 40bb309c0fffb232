import Foundation
import HearthSettings
import Testing

@Suite("The reference of the settings")
struct SettingsDocumentTests {
    @Test("docs/configuration.md is what the table says; write it with: hearth config-reference > docs/configuration.md")
    func document() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        #expect(page == SettingsDocument.render())
    }

    @Test("every setting has its row")
    func rows() {
        let page = SettingsDocument.render()
        for definition in SettingsTable.all { #expect(page.contains("| `\(definition.key)` |")) }
    }
}
