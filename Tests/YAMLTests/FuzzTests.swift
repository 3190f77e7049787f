import Diagnostics
import Support
import Testing

@testable import YAML

@Suite struct FuzzTests {
    private static let spec = """
        # registers the agent's prompts
        version: 1
        job: health_monitor
        description: "Registers \\u00e9 prompts"
        variables:
          catalog: {default: main}
          'agent schema': {default: !!str 12}
        catalog: ${var.catalog}
        aliases: &aliases [production, 'staging']
        text: |
          first {{ x }}
            second
        folded: >-
          é 😀
          more
        prompts:
          a:
            file: a.md
            model_config: {temperature: 0.2, max: 0x10, top: 1e3}
            aliases: *aliases
          "b":
          - x: ~
            y: [null, true, -.inf]
          - ? key
            : value

        """

    /// Bytes that mean something to YAML, so that mutations reach deep.
    private static let bytes: [UInt8] =
        Array("\n\n \t:-?,[]{}&*!|>'\"%@`#~<\\ab1.\r".utf8) + [
            0, 0xC3, 0xA9, 0xFF, 0xEF, 0xBB, 0xBF, 0xE2, 0x80,
        ]

    @Test func readsTheSpecUnchanged() {
        #expect(findings(in: Self.spec) == [])
    }

    @Test func readsEachTruncation() {
        let spec = Array(Self.spec.utf8)
        for count in 0...spec.count { check(Array(spec.prefix(count))) }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func readsMutations(_ seed: UInt64) {
        var random = SeededGenerator(state: seed)
        for _ in 0..<1000 {
            var bytes = Array(Self.spec.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &random) { Self.mutate(&bytes, &random) }
            check(bytes)
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        let index = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
        let byte = Self.bytes.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<5, using: &random) {
        case 0 where !bytes.isEmpty: bytes[index] = byte
        case 1 where !bytes.isEmpty: bytes.remove(at: index)
        case 2: bytes.insert(byte, at: index)
        case 3:
            let end = min(bytes.count, index + Int.random(in: 0...40, using: &random))
            bytes.insert(contentsOf: bytes[index..<end], at: Int.random(in: 0...bytes.count, using: &random))
        default: bytes.removeSubrange(index..<min(bytes.count, index + 3))
        }
    }

    /// A document gives a value or a finding, every place is in it, and a sound value survives being written.
    private func check(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let parsed = parseYAML(bytes, file: "f")
        let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
        for finding in parsed.diagnostics {
            let location = finding.location
            #expect(location.map { 1...lines ~= $0.line && $0.column >= 1 } == true, "\(finding) in \(text)")
            #expect(finding.length >= 1)
        }
        guard parsed.diagnostics.isEmpty else { return }
        guard let value = parsed.root?.plain else {
            #expect(Self.isBlank(text), "\(text)")
            return
        }
        let written = value.yamlText
        #expect((try? JSONValue(parsingYAML: Array(written.utf8)))?.yamlText == written, "\(text)")
    }

    private static func isBlank(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).allSatisfy { line in
            let content = line.drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" }
            return content.isEmpty || content.hasPrefix("#") || content.hasPrefix("...")
        }
    }
}
