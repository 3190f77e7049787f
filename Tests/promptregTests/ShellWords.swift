/// The words of command lines, as shells take them.
enum ShellWords {
    /// What ends a command where it stands as a word of its own.
    private static let operators: Set<String> = ["|", "||", "&&", ";", ">", ">>", "<", "2>", "&"]

    /// The words of a line's first command, without variables set before it; nil with an open quote.
    ///
    /// Quotes and backslashes are taken as in POSIX shells; nothing is expanded.
    static func firstCommand(of line: String) -> [String]? {
        guard let words = split(line) else { return nil }
        return Array(words.prefix { !operators.contains($0) }.drop(while: isAssignment))
    }

    private static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var escaped = false
        for character in line {
            if escaped {
                word = (word ?? "") + String(character)
                escaped = false
            } else if character == "\\", quote != "'" {
                escaped = true
            } else if let open = quote {
                if character == open { quote = nil } else { word = (word ?? "") + String(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if character == " " {
                if let ended = word { words.append(ended) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil, !escaped else { return nil }
        return word.map { words + [$0] } ?? words
    }

    private static func isAssignment(_ word: String) -> Bool {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && isVariableName(parts[0])
    }

    /// Whether a text can name an environment variable, by the convention of capitals.
    static func isVariableName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
