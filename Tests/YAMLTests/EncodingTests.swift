import Support
import Testing
import YAML

@Suite struct EncodingTests {
    @Test(
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "1:4+1 yaml-encoding: the byte 0xFF is not UTF-8 here"),
            ([0x0A, 0xC3, 0xA9, 0xC3, 0x28], "2:2+1 yaml-encoding: the byte 0xC3 is not UTF-8 here"),
            ([0xEF, 0xBB, 0xBF, 0x61, 0x80], "1:2+1 yaml-encoding: the byte 0x80 is not UTF-8 here"),
            ([0xE2, 0x82], "1:1+1 yaml-encoding: the byte 0xE2 is not UTF-8 here"),
            ([0xC0, 0xAF], "1:1+1 yaml-encoding: the byte 0xC0 is not UTF-8 here"),
            ([0xED, 0xA0, 0x80], "1:1+1 yaml-encoding: the byte 0xED is not UTF-8 here"),
            ([0xFF, 0xFE, 0x61, 0x00], "1:1+1 yaml-encoding: the file is UTF-16, not UTF-8"),
            ([0xFE, 0xFF, 0x00, 0x61], "1:1+1 yaml-encoding: the file is UTF-16, not UTF-8"),
            ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "1:1+1 yaml-encoding: the file is UTF-32, not UTF-8"),
            ([0, 0, 0xFE, 0xFF, 0, 0, 0, 0x61], "1:1+1 yaml-encoding: the file is UTF-32, not UTF-8"),
            ([0x61, 0, 0, 0], "1:1+1 yaml-encoding: the file is UTF-32, not UTF-8"),
            ([0, 0, 0, 0x61], "1:1+1 yaml-encoding: the file is UTF-32, not UTF-8"),
            ([0x61, 0, 0x3A, 0], "1:1+1 yaml-encoding: the file is UTF-16, not UTF-8"),
            ([0, 0x61, 0, 0x3A], "1:1+1 yaml-encoding: the file is UTF-16, not UTF-8"),
            ([0x61, 0x00], "1:2+1 yaml-encoding: the control character U+0000 is not allowed in YAML"),
        ] as [([UInt8], String)])
    func refusesOtherEncodings(_ bytes: [UInt8], _ finding: String) {
        #expect(findings(in: bytes) == [finding])
    }

    @Test(
        arguments: [
            (0x01, "0001"), (0x08, "0008"), (0x0B, "000B"), (0x1B, "001B"), (0x7F, "007F"), (0x80, "0080"),
            (0x9F, "009F"), (0xFFFE, "FFFE"), (0xFFFF, "FFFF"),
        ] as [(UInt32, String)])
    func refusesControlCharacters(_ value: UInt32, _ name: String) throws {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(
            findings(in: "# é\nö: '\(scalar)'\n") == [
                "2:5+1 yaml-encoding: the control character U+\(name) is not allowed in YAML"
            ])
    }

    /// Whatever passes our own check must pass libyaml's as well.
    @Test func acceptsAllOtherCharacters() throws {
        var text = "a: '"
        for value: UInt32 in [
            0x20, 0x7E, 0xA0, 0xAD, 0x200B, 0x200E, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0x10000, 0x1FFFE,
            0x10FFFF,
        ] {
            text.unicodeScalars.append(try #require(Unicode.Scalar(value)))
        }
        #expect(try value(of: text + "'")["a"] == .string(String(text.dropFirst(4))))
    }

    @Test func keepsBlockTextAsItIs() throws {
        let text = "a: |\n  é 😀\n\n    {{ x }}: 'y' # z\n  \\n\n"
        #expect(try value(of: text)["a"] == .string("é 😀\n\n  {{ x }}: 'y' # z\n\\n\n"))
        #expect(try value(of: text.replacing("\n", with: "\r\n")) == value(of: text))
    }
}
