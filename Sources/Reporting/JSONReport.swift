package import Execution
import FoundationEssentials

/// The report as JSON, for programs.
package enum JSONReport {
    /// The report as JSON over several lines, with sorted keys, ended by a newline.
    ///
    /// - Parameter report: The report.
    /// - Returns: The text. It holds nothing that would steer a terminal.
    /// - Throws: What the encoder throws.
    package static func render(_ report: RunReport) throws -> String { try text(report) }

    /// A value as JSON over several lines, with sorted keys and without what would steer a terminal, ended by a
    /// newline.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return escapingTerminalControls(try encoder.encode(value)) + "\n"
    }

    /// Encoded JSON with what steers a terminal as `\uXXXX`.
    ///
    /// The encoder escapes control characters below U+0020 only. The rest can stand only inside of strings, as
    /// everything around them is ASCII.
    private static func escapingTerminalControls(_ json: Data) -> String {
        let text = String(decoding: json, as: UTF8.self)
        guard json.contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
                let digits = String(scalar.value, radix: 16)
                result.append(
                    contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
                        .unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
