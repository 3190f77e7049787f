extension String {
    /// The text with everything escaped that the runner of a CI system would take for a command to it.
    ///
    /// GitHub's runner obeys `::command::` at the start of any line of a step's output, after blanks too, and the older
    /// `##[command]` anywhere in a line, as Azure's agent obeys `##vso[command]` and TeamCity's `##teamcity[command]`.
    /// Templates and answers of a registry must not set outputs and variables.
    package var withoutWorkflowCommands: String {
        guard mayHaveWorkflowCommand else { return self }
        return split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let blanks = line.prefix(while: \.isWhitespace)
            let rest = line[blanks.endIndex...]
            let disarmed = rest.hasPrefix("::") ? blanks + "\\u{3a}" + rest.dropFirst() : line
            return disarmed.escapingBracketCommands(hash: "\\u{23}")
        }.joined(separator: "\n")
    }

    /// A JSON document that says the same, and in which no runner finds a command: none can start a line of it.
    package var withoutWorkflowCommandsInJSON: String {
        mayHaveWorkflowCommand ? self[...].escapingBracketCommands(hash: "\\u0023") : self
    }

    /// Whether the text has the bytes with which such a command starts.
    private var mayHaveWorkflowCommand: Bool {
        var last: UInt8 = 0
        /// How many hashes there were last, and whether letters followed.
        var (hashes, isNamed) = (0, false)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: ":") where last == byte: return true
            case UInt8(ascii: "[") where hashes > 1: return true
            case UInt8(ascii: "#"): (hashes, isNamed) = (isNamed ? 1 : hashes + 1, false)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                isNamed = true
            default: hashes = 0
            }
            last = byte
        }
        return false
    }
}

extension Substring {
    /// The text with another second hash in each `##[` and `##name[`.
    ///
    /// - Parameter hash: What it becomes.
    /// - Returns: The text.
    fileprivate func escapingBracketCommands(hash: String) -> String {
        var result = ""
        var rest = unicodeScalars[...]
        while let bracket = rest.firstIndex(of: "[") {
            let before = rest[..<bracket]
            let name = before.reversed().prefix { $0.isASCII && $0.properties.isAlphabetic }.count
            let head = before.dropLast(name)
            if head.suffix(2).elementsEqual(["#", "#"]) {
                result += String(head.dropLast()) + hash + String(before.suffix(name))
            } else {
                result += String(before)
            }
            result += "["
            rest = rest[rest.index(after: bracket)...]
        }
        return result + String(rest)
    }
}
