extension String {
    /// The text with everything escaped that GitHub's runner would take for a workflow command.
    ///
    /// The runner obeys `::command::` at the start of any line of a step's output, after blanks too, and the older
    /// `##[command]` anywhere in a line. Templates and answers of a registry must not set outputs.
    package var withoutWorkflowCommands: String {
        guard mayHaveWorkflowCommand else { return self }
        return split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let blanks = line.prefix(while: \.isWhitespace)
            let rest = line[blanks.endIndex...]
            let disarmed = rest.hasPrefix("::") ? blanks + "\\u{3a}" + rest.dropFirst() : line
            return disarmed.replacing("##[", with: "#\\u{23}[")
        }.joined(separator: "\n")
    }

    /// Whether the text has the bytes with which such a command starts.
    private var mayHaveWorkflowCommand: Bool {
        var (last, beforeLast): (UInt8, UInt8) = (0, 0)
        for byte in utf8 {
            if byte == UInt8(ascii: ":"), last == byte { return true }
            if byte == UInt8(ascii: "["), last == UInt8(ascii: "#"), beforeLast == last { return true }
            (beforeLast, last) = (last, byte)
        }
        return false
    }
}
