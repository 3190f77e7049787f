extension String {
    /// The text with everything that could steer a terminal or break a line, or that nobody sees, made visible.
    ///
    /// Control characters (C0, DEL, C1), line and paragraph separators, the bidirectional overrides and other characters
    /// without a shape become `\n`, `\t` or `\u{…}`; all else stays as it is.
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
    /// Whether a terminal might act on this scalar instead of showing it, or shows nothing for it.
    var steersTerminal: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        case ..<0xAD: false
        default: isInvisible
        }
    }

    /// Whether nobody sees this scalar, so that a text can hold what its reviewers do not know of. What joins letters and
    /// emoji, or chooses their form, is none.
    package var isInvisible: Bool {
        switch value {
        case ..<0xAD, 0x200C, 0x200D, 0xFE0E, 0xFE0F: false
        case 0xFFF9...0xFFFB: true
        default: properties.isDefaultIgnorableCodePoint
        }
    }
}
