extension String {
    /// The text with everything that could steer a terminal or break a line made visible.
    ///
    /// Control characters (C0, DEL, C1), line and paragraph separators and the bidirectional
    /// overrides become `\n`, `\t` or `\u{…}`; all else stays as it is.
    package var escapedForTerminal: String {
        guard unicodeScalars.contains(where: \.steersTerminal) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            if !scalar.steersTerminal {
                result.unicodeScalars.append(scalar)
            } else if scalar == "\n" {
                result += "\\n"
            } else if scalar == "\t" {
                result += "\\t"
            } else if scalar == "\r" {
                result += "\\r"
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }

    /// A text of several lines, each made safe for a terminal and with its tabs kept.
    package var escapedLinesForTerminal: String {
        unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false)
                    .map { String($0).escapedForTerminal }.joined(separator: "\t")
            }
            .joined(separator: "\n")
    }
}

extension Unicode.Scalar {
    /// Whether a terminal might act on this scalar instead of showing it.
    var steersTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
