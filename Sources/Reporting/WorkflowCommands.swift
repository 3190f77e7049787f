extension String {
    /// The text with nothing in it that GitHub's runner would take for a workflow command.
    ///
    /// The runner obeys `::command::` at the start of any line of a step's output, blanks before it aside, and the
    /// older `##[command]` anywhere in one. Templates and a registry's answers must not get to set outputs.
    package var withoutWorkflowCommands: String {
        guard mayHoldWorkflowCommand else { return self }
        return split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let blanks = line.prefix(while: \.isWhitespace)
            let rest = line[blanks.endIndex...]
            let disarmed = rest.hasPrefix("::") ? blanks + "\\u{3a}" + rest.dropFirst() : line
            return disarmed.replacing("##[", with: "#\\u{23}[")
        }.joined(separator: "\n")
    }

    /// Whether the bytes of any such command are in the text.
    private var mayHoldWorkflowCommand: Bool {
        var (last, beforeLast): (UInt8, UInt8) = (0, 0)
        for byte in utf8 {
            if byte == UInt8(ascii: ":"), last == byte { return true }
            if byte == UInt8(ascii: "["), last == UInt8(ascii: "#"), beforeLast == last { return true }
            (beforeLast, last) = (last, byte)
        }
        return false
    }
}
